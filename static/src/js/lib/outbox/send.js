// Sending one item: its photos piece by piece, then the form. What comes back is one of
// {state: done | session | other | conflict | refused, …} or an error thrown: no network, or the server in trouble.
import { photo } from './store.js';

const PIECE = 128 * 1024;
const LIMIT = 30000; // ms without an answer before a request is given up and asked again

const frame = () => document.querySelector('[data-phone]');
const token = () => document.cookie.split('; ').find((part) => part.startsWith('csrftoken='))?.slice(10) || '';

class Trouble extends Error {}

async function ask(path, { headers = {}, ...options }) {
  const response = await fetch(path, {
    ...options,
    headers: { 'X-CSRFToken': token(), 'X-Member': frame().dataset.phone, ...headers },
    credentials: 'same-origin',
    redirect: 'manual',
    signal: AbortSignal.timeout(LIMIT),
  });
  // 429: too fast; 5xx: not our fault. Both are asked again later.
  if (response.status === 429 || response.status >= 500) throw new Trouble(String(response.status));
  return response;
}

/** A new form token, where the old one is no longer believed. */
const renew = () => fetch(frame().dataset.outbox, { credentials: 'same-origin', headers: { 'X-Keep': '1' } });

async function json(path, method, body, headers = {}) {
  const response = await ask(path, { method, body, headers });
  if (response.type === 'opaqueredirect' || response.status === 401) return { state: 'session' };
  const said = await response.json().catch(() => ({}));
  if (response.status === 403) return { state: 'session' };
  return { status: response.status, ...said };
}

/** Bring one photo up, from where it broke off; null when the server has it whole. */
async function upload(entry) {
  const at = `${frame().dataset.uploads}${entry.id}/`;
  const begun = await json(frame().dataset.uploads, 'POST', JSON.stringify({ key: entry.id, size: entry.blob.size }), { 'Content-Type': 'application/json' });
  if (begun.state) return begun;
  if (begun.status >= 400) return refused(begun);
  let { received } = begun;
  if (begun.is_finished) return null;
  while (received < entry.blob.size) {
    const piece = entry.blob.slice(received, received + PIECE);
    const got = await json(`${at}?offset=${received}`, 'PUT', piece, { 'Content-Type': 'application/octet-stream' });
    if (got.state) return got;
    // 409: the server stands elsewhere (an answer was lost on the way) and says where
    if (got.status >= 400 && !(got.status === 409 && Number.isInteger(got.received))) return refused(got);
    if (got.received === received) throw new Trouble('no progress');
    received = got.received;
  }
  const done = await json(`${at}finish/`, 'POST', '{}', { 'Content-Type': 'application/json' });
  if (done.state) return done;
  if (done.status === 409) throw new Trouble('incomplete');
  return done.status >= 400 ? refused(done) : null;
}

function refused(said) {
  const sentences = Object.values(said.errors || {}).flat();
  return { state: 'refused', sentences: sentences.length ? sentences.map((each) => each.message || String(each)) : [said.detail].filter(Boolean) };
}

/** The sentences of a page that a form came back with. */
function readPage(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const found = [...page.querySelectorAll('#main .err, #main .form-err')].map((node) => node.textContent.trim());
  return { page, sentences: found.length ? found : [page.querySelector('#main p')?.textContent.trim()].filter(Boolean) };
}

/** `when`: "now" if somebody waits for the answer, else "later". */
export async function send(item, when) {
  for (const id of item.photos) {
    const entry = await photo(id);
    const trouble = entry && (await upload(entry));
    if (trouble) return trouble;
  }
  const body = new FormData();
  item.fields.forEach(([name, value]) => body.append(name, value));
  body.set('idempotency_key', item.id);
  item.photos.forEach((id) => body.append('uploaded', id));
  for (let tries = 0; ; tries += 1) {
    const response = await ask(item.path, { method: 'POST', body, headers: { 'X-Outbox': when } });
    if (response.type === 'opaqueredirect') return { state: 'session' };
    if ((response.headers.get('Content-Type') || '').includes('json')) {
      const said = await response.json();
      if (said.state !== 'renew') return said;
      if (tries) return { state: 'session' };
      await renew();
      continue;
    }
    const { page, sentences } = readPage(await response.text());
    if (response.status === 404 || response.status === 403 || response.status === 409) return { state: 'conflict', now: [], sentences };
    return { state: 'refused', sentences, page };
  }
}
