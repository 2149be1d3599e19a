// Resident.
import { setUpAnswers } from './lib/answers.js';
import { start } from './lib/start.js';

start();
setUpAnswers();
