// The page as an installed application: the service worker, what is fetched ahead, and leaving.
import { goBack } from '../focus.js';
import { word } from './words.js';
import { stand, tell } from './sync.js';

const FRESH = 15 * 60 * 1000;
const AHEAD = 20;

/** The page behind an address, from the phone where it was kept a moment ago: weak networks are also paid by the byte. */
async function fetchPage(url, oldest = FRESH) {
  const kept = await caches.match(url);
  const is_fresh = kept && Date.now() - Date.parse(kept.headers.get('X-Kept-At')) < oldest;
  const response = is_fresh ? kept : await fetch(url, { headers: { 'X-Keep': '1' }, credentials: 'same-origin' });
  return response.ok && !response.redirected ? new DOMParser().parseFromString(await response.text(), 'text/html') : null;
}

/**
 * Fetch ahead what the day needs: pages behind links with data-keep (the report form, whom to visit), the own matters and
 * the forms of their likeliest moves.
 */
async function fetchAhead(frame) {
  const stamp = `ahead:${frame.dataset.phone}:${window.location.pathname}`;
  if (!document.querySelector('a[data-keep], main a.tc') || !navigator.onLine || navigator.connection?.saveData || Date.now() - Number(sessionStorage.getItem(stamp)) < FRESH) return;
  const cards = [...document.querySelectorAll('main a.tc')].slice(0, AHEAD).map((link) => link.href);
  const day = [...document.querySelectorAll('a[data-keep]')].slice(0, AHEAD).map((link) => link.href);
  for (const url of new Set([frame.dataset.home, frame.dataset.outbox, ...day])) await fetchPage(url);
  for (const url of cards) {
    const page = await fetchPage(url, 0); // an older one may offer moves that are over
    const moves = [...(page?.querySelectorAll('a[data-keep]') || [])].map((link) => new URL(link.getAttribute('href'), url).href);
    for (const move of moves) await fetchPage(move);
  }
  sessionStorage.setItem(stamp, String(Date.now()));
}

/** Before leaving with something unsent: it stays here for its owner, and that is said. */
function confirmLeaving(form) {
  const dialog = document.createElement('dialog');
  dialog.className = 'confirm';
  dialog.setAttribute('aria-labelledby', 'leave-said');
  const said = document.createElement('p');
  said.id = 'leave-said';
  said.textContent = word('leave', stand.mine.length);
  const acts = document.createElement('div');
  acts.className = 'acts';
  const stay = document.createElement('button');
  const go = form.querySelector('button').cloneNode(true);
  stay.type = go.type = 'button';
  stay.className = 'btn-g';
  go.className = 'btn-g pri';
  stay.textContent = word('stay');
  acts.append(stay, go);
  dialog.append(said, acts);
  document.body.append(dialog);
  stay.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    dialog.remove();
    goBack(form.querySelector('button'));
  });
  go.addEventListener('click', () => {
    form.dataset.leaving = '1';
    form.requestSubmit();
  });
  dialog.showModal();
  stay.focus();
}

function setUpLeaving(frame) {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.getAttribute('action') !== frame.dataset.leave || form.dataset.leaving) return;
    if (!stand.mine.length) return;
    event.preventDefault();
    event.stopPropagation();
    confirmLeaving(form);
  }, { capture: true });
}

/** On the very first page the worker takes over a moment after it is ready; what is fetched before passes it by. */
function controlled({ active }) {
  if (navigator.serviceWorker.controller) return undefined;
  return new Promise((done) => {
    navigator.serviceWorker.addEventListener('controllerchange', done, { once: true });
    active.postMessage('claim'); // its own claim may have been over before this page was there
  });
}

/** Plain http, a private window, no room: pages need the network then. The queue works anyway, and the list says both. */
function unable(error) {
  console.warn('pages are not kept on this phone', error);
  tell({ unkept: true }).catch(() => {});
}

export function setUpKeeping() {
  const frame = document.querySelector('[data-phone]');
  if (!frame) return;
  setUpLeaving(frame);
  if (!('serviceWorker' in navigator)) {
    unable(new Error('no service worker here: plain http, or a private window'));
    return;
  }
  navigator.serviceWorker.register(`${frame.dataset.scope}sw.js`, { scope: frame.dataset.scope })
    .then(() => navigator.serviceWorker.ready)
    .then(controlled)
    .then(() => {
      if (!frame.dataset.phone || document.documentElement.dataset.keptAt) return;
      const go = () => fetchAhead(frame).catch(() => {});
      if (window.requestIdleCallback) window.requestIdleCallback(go, { timeout: 5000 });
      else setTimeout(go, 2000);
    })
    .catch(unable);
}
