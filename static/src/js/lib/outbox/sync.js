// Sends what waits, in the order it was written, and says how it stands: event `sync` on document, detail as in `stand`.
import { send } from './send.js';
import { all, change, drop } from './store.js';

const EVERY = 30000;

export const stand = { mine: [], others: 0, waiting: 0, trouble: 0, sending: '', session: false, unkept: false, storeless: false, offline: !navigator.onLine };

export const me = () => document.querySelector('[data-phone]')?.dataset.phone || '';

/** Read the queue anew and tell everybody. */
export async function tell(more = {}) {
  let items = [];
  try {
    items = await all();
    stand.storeless = false;
  } catch {
    stand.storeless = true; // a window that may store nothing: forms are sent as without scripts
  }
  stand.mine = items.filter((item) => item.owner === me());
  stand.others = items.length - stand.mine.length;
  stand.waiting = stand.mine.filter((item) => item.state === 'waiting').length;
  stand.trouble = stand.mine.length - stand.waiting;
  Object.assign(stand, more);
  document.dispatchEvent(new CustomEvent('sync', { detail: stand }));
}

/** What an answer does to its item. */
export async function settle(item, said) {
  if (said.state === 'done') await drop(item.id);
  else if (said.state === 'conflict' || said.state === 'refused') {
    await change(item.id, { state: said.state, sentences: said.sentences || [], now: said.now || [] });
  }
}

async function flushAlone() {
  const arrived = [];
  const held = new Set();
  for (;;) {
    const item = stand.mine.find((each) => each.state === 'waiting' && !held.has(each.id));
    if (!item) break;
    // What builds on something that is not settled waits for it: first signed, then done.
    if (stand.mine.some((other) => other.made < item.made && other.about && other.about === item.about)) {
      held.add(item.id);
      continue;
    }
    await tell({ sending: item.id });
    let said;
    try {
      said = await send(item, 'later');
    } catch {
      await tell({ sending: '', offline: !navigator.onLine });
      return;
    }
    await settle(item, said);
    if (said.state === 'done') arrived.push(item);
    const is_over = said.state === 'session' || said.state === 'other';
    await tell({ sending: '', session: said.state === 'session', offline: false });
    if (is_over) break;
  }
  if (arrived.length) document.dispatchEvent(new CustomEvent('sync:arrived', { detail: arrived }));
}

let running = false;

/** Run `work` while no other tab sends; nothing where one does. */
export async function alone(work) {
  if (running) return undefined;
  running = true;
  try {
    if (!navigator.locks) return await work();
    return await navigator.locks.request('outbox', { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  } finally {
    running = false;
  }
}

export async function flush() {
  await tell({ offline: !navigator.onLine });
  if (!me() || !navigator.onLine || !stand.waiting) return;
  await alone(flushAlone);
}

export function setUpSync() {
  window.addEventListener('online', flush);
  window.addEventListener('offline', () => tell({ offline: true }));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) flush();
  });
  setInterval(() => {
    if (stand.waiting && !document.hidden) flush();
  }, EVERY);
  flush();
}
