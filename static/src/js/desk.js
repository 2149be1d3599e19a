// Desk: list, batch bar and keyboard on top of what every surface has.
import { setUpList } from './lib/desk-list.js';
import { setUpKeys } from './lib/keys.js';
import { start } from './lib/start.js';

start();
setUpList();
setUpKeys();
