// Worker: what is written goes into the phone first and from there to the server; the pages of the day are kept.
import { setUpOutboxForms } from './lib/outbox/forms.js';
import { setUpKeeping } from './lib/outbox/keep.js';
import { setUpOutboxList } from './lib/outbox/list.js';
import { setUpStatus } from './lib/outbox/status.js';
import { setUpSync } from './lib/outbox/sync.js';
import { word } from './lib/outbox/words.js';
import { setUpPatrols } from './lib/patrols.js';
import { setUpStamps } from './lib/stamps.js';
import { start } from './lib/start.js';
import { say } from './lib/toasts.js';

setUpStamps(); // before the queue reads a form as it is sent
setUpStatus();
setUpOutboxList();
setUpOutboxForms();
setUpPatrols();
// A kept page still carries what was said when it came: that has been read.
if (document.documentElement.dataset.keptAt) document.querySelectorAll('[data-toasts] [data-toast]').forEach((toast) => toast.remove());
start();
setUpKeeping();
if (window.indexedDB) setUpSync();
document.addEventListener('sync:arrived', ({ detail }) => say(word('arrived', detail.length)));
