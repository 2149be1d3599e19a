// Worker: says when there is no network, so that nobody wonders why a page does not come.
import { start } from './lib/start.js';
import { say } from './lib/toasts.js';

start();
window.addEventListener('offline', () => say('没有网络，写好的先别关，有网再交', 'off'));
window.addEventListener('online', () => say('网络回来了'));
