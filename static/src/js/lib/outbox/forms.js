// Forms with data-offline: what is written goes into the phone first and is sent from there, so that neither a dead network
// nor a closed page loses it. Without scripts the same form is posted as ever.
import { word } from './words.js';
import { send } from './send.js';
import { drop, newId, photosOf, put, read } from './store.js';
import { alone, flush, me, settle, stand, tell } from './sync.js';
import { goToErrors } from '../focus.js';
import { say } from '../toasts.js';

const LATER = 'outbox-said';
const PATIENCE = 8000; // ms

/** Something to say on the page that follows. */
function sayNext(text, kind) {
  try {
    sessionStorage.setItem(LATER, JSON.stringify([text, kind]));
  } catch {
    // then it is not said; the pill in the header says it anyway
  }
}

function sayLeft() {
  try {
    const kept = sessionStorage.getItem(LATER);
    sessionStorage.removeItem(LATER);
    if (kept) say(...JSON.parse(kept));
  } catch {
    // as above
  }
}

const wordsOf = (form) => {
  const area = form.querySelector('textarea');
  const tapped = form.querySelector('input[name=phrase]:checked, .cats :checked');
  return [tapped?.closest('label')?.textContent.trim(), area?.value.trim()].filter(Boolean).join('；');
};

function itemOf(form, submitter) {
  const id = newId();
  const data = new FormData(form, submitter);
  const photos = [];
  const fields = [];
  for (const [name, value] of data) {
    if (value instanceof File) {
      if (value.size) photos.push({ id: newId(), blob: value, name: value.name });
    } else if (name !== 'csrfmiddlewaretoken' && name !== 'idempotency_key') fields.push([name, value]);
  }
  const { pathname, search } = window.location;
  const item = {
    id,
    owner: me(),
    path: form.getAttribute('action') || pathname,
    page: pathname + search,
    title: form.dataset.offline,
    about: form.dataset.about || '',
    words: wordsOf(form),
    fields,
    photos: photos.map((entry) => entry.id),
    made: Math.max(Date.now(), 1 + (stand.mine.at(-1)?.made || 0)),
    state: 'waiting',
    sentences: [],
    now: [],
  };
  return { item, photos };
}

/** The page that a refused form came back with takes the place of this one; nothing typed is lost. */
function showPage(page) {
  const fresh = document.importNode(page.querySelector('.app'), true);
  document.querySelector('.app').replaceWith(fresh);
  fresh.dispatchEvent(new CustomEvent('htmx:afterSwap', { bubbles: true }));
  window.htmx?.process(fresh);
  fresh.scrollIntoView();
  goToErrors(fresh);
  tell();
}

async function sendNow(item, form) {
  let said;
  try {
    // On a weak network nobody stands and waits: it is in the phone, and the next page goes on sending it.
    const late = new Promise((done) => { setTimeout(done, PATIENCE); });
    said = navigator.onLine ? await Promise.race([alone(() => send(item, 'now')), late]) : undefined;
  } catch {
    said = undefined;
  }
  if (said?.state === 'done') {
    await drop(item.id);
    window.location.assign(said.location);
  } else if (said?.state === 'refused' && said.page?.querySelector('.app form')) {
    await drop(item.id);
    showPage(said.page);
  } else if (said?.state === 'conflict' || said?.state === 'refused') {
    await settle(item, said);
    window.location.assign(form.closest('[data-phone]').dataset.outbox);
  } else {
    sayNext(word('stored'), 'off');
    window.location.assign(form.closest('[data-phone]').dataset.home);
  }
}

async function take(form, submitter) {
  if (form.dataset.sent) return;
  form.dataset.sent = '1';
  submitter?.setAttribute('aria-busy', 'true');
  const { item, photos } = itemOf(form, submitter);
  try {
    await put(item, photos, form.dataset.instead || '');
  } catch {
    // No room, or a window that may store nothing: it is posted as without scripts.
    if (navigator.onLine) {
      HTMLFormElement.prototype.submit.call(form);
      return;
    }
    delete form.dataset.sent;
    submitter?.removeAttribute('aria-busy');
    say(word('full'), 'fail');
    return;
  }
  await tell();
  // What was written before goes before: then this one takes its turn.
  if (stand.mine.some((other) => other.id !== item.id && other.state === 'waiting')) {
    await flush();
    const left = await read(item.id);
    if (!left) {
      window.location.assign(form.closest('[data-phone]').dataset.home);
      return;
    }
  }
  await sendNow(item, form);
}

/** A form opened from the list of unsent items: filled in with what was written. */
async function fillIn() {
  const asked = new URLSearchParams(window.location.hash.slice(1));
  const id = asked.get('item') || asked.get('report');
  const item = id && (await read(id));
  if (!item || item.owner !== me()) return;
  const form = asked.get('item')
    ? [...document.querySelectorAll('form[data-offline]')].find((each) => (each.getAttribute('action') || window.location.pathname) === item.path)
    : document.querySelector('form[data-offline]');
  if (!form) return;
  form.dataset.instead = item.id;
  if (asked.get('item')) {
    const given = new Map();
    item.fields.forEach(([name, value]) => given.set(name, [...(given.get(name) || []), value]));
    for (const field of form.elements) {
      const values = given.get(field.name);
      if (!field.name || field.type === 'file' || field.name === 'csrfmiddlewaretoken') continue;
      if (field.type === 'checkbox' || field.type === 'radio') field.checked = Boolean(values?.includes(field.value));
      else if (values && field.tagName !== 'BUTTON') field.value = values.shift() ?? field.value;
    }
  } else {
    const area = form.querySelector('textarea');
    if (area) area.value = word('about').replace('%s', item.title) + item.words;
  }
  const photos = await photosOf(item.id);
  const input = form.querySelector('input[type=file]');
  if (input && photos.length) {
    const bag = new DataTransfer();
    photos.forEach((entry) => bag.items.add(new File([entry.blob], entry.name, { type: entry.blob.type })));
    input.files = bag.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

/** What waits already is not offered again: its button says so. */
function markPending({ detail }) {
  document.querySelectorAll('form[data-offline][action]').forEach((form) => {
    const is_pending = detail.mine.some((item) => item.path === form.getAttribute('action'));
    const button = form.querySelector('button[type=submit]');
    if (!button || is_pending === Boolean(form.dataset.pending)) return;
    if (is_pending) {
      form.dataset.pending = button.innerHTML;
      button.textContent = word('pending');
      button.disabled = true;
    } else {
      button.innerHTML = form.dataset.pending;
      button.disabled = false;
      delete form.dataset.pending;
    }
  });
}

export function setUpOutboxForms() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('form[data-offline]') || !me()) return;
    event.preventDefault();
    take(form, event.submitter);
  }, { capture: true });
  document.addEventListener('sync', markPending);
  sayLeft();
  fillIn().catch(() => {});
}
