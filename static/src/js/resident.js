// Resident.
import { setUpAnswers } from './lib/answers.js';
import { setUpRecording } from './lib/record.js';
import { start } from './lib/start.js';

start();
setUpAnswers();
setUpRecording();
