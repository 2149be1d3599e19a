// Desk: list, batch bar, keyboard, live numbers, sentences and evidence on top of what every surface has.
import { setUpEvidence } from './lib/evidence.js';
import { setUpKeys } from './lib/keys.js';
import { setUpList } from './lib/desk-list.js';
import { setUpLive } from './lib/live.js';
import { setUpPhrases } from './lib/phrases.js';
import { setUpRecording } from './lib/record.js';
import { start } from './lib/start.js';

setUpPhrases();
// Before the common guard against double sending: these forms are sent by themselves.
setUpEvidence();
setUpRecording();
start();
setUpList();
setUpKeys();
setUpLive();
