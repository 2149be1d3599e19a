// The page of what is still on the phone: each item with its state, what is there now, and what can be done with it.
// What needs somebody stands first, whole. What only waits is folded by kind once it would be a wall. What this page saw
// arrive is said in one line, by kind, until it is cleared or left: of what was sent the phone keeps nothing.
import { word, moment } from './words.js';
import { change, drop, photosOf } from './store.js';
import { flush, stand, tell } from './sync.js';

const FOLDED_FROM = 6;

let shownUrls = [];
let arrived = new Map();
const opened = new Set();

const line = (text, className) => {
  const node = document.createElement('p');
  node.textContent = text;
  if (className) node.className = className;
  return node;
};

async function nodeOf(item, template, report) {
  const node = template.content.firstElementChild.cloneNode(true);
  const part = (name) => node.querySelector(`[data-of="${name}"]`);
  const state = stand.sending === item.id ? 'sending' : item.state;
  node.dataset.item = item.id;
  part('title').textContent = item.title;
  part('state').textContent = word(`state${state[0].toUpperCase()}${state.slice(1)}`);
  part('note').textContent = [moment(item.made), item.photos.length ? word('nPhotos', item.photos.length) : ''].filter(Boolean).join('·');
  part('words').textContent = item.words;
  for (const entry of await photosOf(item.id)) {
    const image = document.createElement('img');
    image.src = URL.createObjectURL(entry.blob);
    image.alt = '';
    shownUrls.push(image.src);
    const row = document.createElement('li');
    row.append(image);
    part('photos').append(row);
  }
  const why = part('why');
  if (item.state === 'conflict') {
    const now = [...item.now, ...item.sentences];
    why.append(line(word('now'), 'xs sub'), ...(now.length ? now : [word('gone')]).map((text) => line(text)));
  } else if (item.state === 'refused') {
    (item.sentences.length ? item.sentences : [word('broken')]).forEach((text) => why.append(line(text)));
  }
  why.hidden = !why.childElementCount;
  const keep = (name, wanted) => {
    const act = node.querySelector(`[data-do="${name}"]`);
    if (!wanted) act.remove();
    return act;
  };
  keep('again', item.state === 'conflict');
  keep('edit', item.state !== 'conflict' && state !== 'sending').href = `${item.page}#item=${item.id}`;
  keep('report', item.state === 'conflict').href = `${report}#report=${item.id}`;
  keep('drop', state !== 'sending');
  return node;
}

function hold(list, button) {
  list.tabIndex = -1;
  (button || list).focus();
}

/** 走访·1号楼302 is a 走访. */
const kindOf = (item) => item.title.split('·')[0];

function byKind(items) {
  const kinds = new Map();
  items.forEach((item) => kinds.set(kindOf(item), [...(kinds.get(kindOf(item)) || []), item]));
  return kinds;
}

async function groupOf(kind, items, box, fill) {
  const node = box.querySelector('[data-outbox-group]').content.firstElementChild.cloneNode(true);
  node.dataset.kind = kind;
  node.querySelector('[data-of="title"]').textContent = kind;
  node.querySelector('[data-of="count"]').textContent = word('nItems', items.length);
  node.open = opened.has(kind);
  // A folded group holds no pictures in memory.
  if (node.open) node.querySelector('[data-of="items"]').append(...(await fill(items)));
  return node;
}

function sayArrived(box) {
  const part = box.querySelector('[data-outbox-arrived]');
  part.hidden = !arrived.size;
  part.querySelector('[data-of="words"]').textContent = [...arrived].map(([kind, number]) => `${kind} ${word('nItems', number)}`).join('，');
}

let drawing = Promise.resolve();

async function draw(box) {
  const template = box.querySelector('[data-outbox-item]');
  const old = shownUrls;
  shownUrls = [];
  const fill = async (items) => {
    const found = [];
    for (const item of items) found.push(await nodeOf(item, template, box.dataset.report));
    return found;
  };
  const waiting = stand.mine.filter((item) => item.state === 'waiting');
  const nodes = await fill(stand.mine.filter((item) => item.state !== 'waiting'));
  if (waiting.length < FOLDED_FROM) nodes.push(...(await fill(waiting)));
  else for (const [kind, items] of byKind(waiting)) nodes.push(await groupOf(kind, items, box, fill));
  const list = box.querySelector('[data-outbox-list]');
  const held = list.contains(document.activeElement) ? document.activeElement : null;
  const heldItem = held?.closest('[data-item]')?.dataset.item;
  const heldKind = held?.closest('summary')?.parentElement.dataset.kind;
  list.replaceChildren(...nodes);
  // Drawn anew under somebody's hand: the same button of the same item or group, else the list itself.
  if (heldKind) hold(list, nodes.find((node) => node.dataset.kind === heldKind)?.querySelector('summary'));
  else if (held) hold(list, list.querySelector(`[data-item="${heldItem}"] [data-do="${held.dataset.do}"]`));
  old.forEach((url) => URL.revokeObjectURL(url));
  box.querySelector('[data-outbox-none]').hidden = nodes.length > 0;
  box.querySelector('[data-outbox-all]').hidden = !stand.waiting || stand.offline;
  box.querySelector('[data-outbox-unkept]').hidden = !stand.unkept;
  const others = box.querySelector('[data-outbox-others]');
  others.hidden = !stand.others;
  others.textContent = word('others', stand.others);
  sayArrived(box);
}

export function setUpOutboxList() {
  const box = document.querySelector('[data-outbox-page]');
  if (!box) return;
  const redraw = () => { drawing = drawing.then(() => draw(box)).catch(() => {}); };
  document.addEventListener('sync', redraw);
  document.addEventListener('sync:arrived', ({ detail }) => {
    detail.forEach((item) => arrived.set(kindOf(item), (arrived.get(kindOf(item)) || 0) + 1));
    sayArrived(box);
  });
  // toggle does not bubble
  box.addEventListener('toggle', ({ target }) => {
    const { kind } = target.dataset;
    if (!kind || target.open === opened.has(kind)) return;
    if (target.open) opened.add(kind);
    else opened.delete(kind);
    redraw();
  }, true);
  const dialog = box.querySelector('[data-outbox-confirm]');
  box.addEventListener('click', async (event) => {
    const act = event.target.closest('[data-do], [data-outbox-send], [data-outbox-clear], [data-answer]');
    if (!act) return;
    const id = act.closest('[data-item]')?.dataset.item;
    if (act.matches('[data-outbox-send]')) await flush();
    else if (act.matches('[data-outbox-clear]')) {
      arrived = new Map();
      sayArrived(box);
    } else if (act.dataset.answer) {
      dialog.close();
      if (act.dataset.answer !== 'yes') return;
      await drop(dialog.dataset.item);
      await tell();
    } else if (act.dataset.do === 'again') {
      await change(id, { state: 'waiting', sentences: [], now: [] });
      await flush();
    } else if (act.dataset.do === 'drop') {
      dialog.dataset.item = id;
      dialog.querySelector('[data-of="title"]').textContent = stand.mine.find((item) => item.id === id)?.title || '';
      dialog.showModal();
    }
  });
}
