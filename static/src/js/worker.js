// Worker: says when there is no network, so that nobody wonders why a page does not come.
import { start } from './lib/start.js';
import { say } from './lib/toasts.js';
import { word } from './lib/words.js';

start();
window.addEventListener('offline', () => say(word('offline'), 'off'));
window.addEventListener('online', () => say(word('online')));
