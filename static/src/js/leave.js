// Sign-in: whoever stands here has no session. Pages that this phone kept for somebody are theirs no longer; what is still
// unsent stays, and how much it is stands here, for whoever wrote it.
import { all } from './lib/outbox/store.js';

if ('caches' in window) {
  caches.keys().then((names) => names.filter((name) => name.startsWith('pages|')).forEach((name) => caches.delete(name))).catch(() => {});
}
const said = document.querySelector('[data-left]');
if (said && window.indexedDB) {
  all().then(({ length }) => {
    said.textContent = said.dataset.left.replace('%n', length);
    said.hidden = !length;
  }).catch(() => {}); // a window that may store nothing has nothing left either
}
