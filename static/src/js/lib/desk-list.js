// The desk's list: keeps scroll and ticks after every act, shows the batch bar.
const STORE = `desk:${window.location.pathname}`;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) || {};
  } catch {
    return {};
  }
}

function write(change) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify({ ...read(), ...change }));
  } catch {
    // without storage the list merely starts at its top
  }
}

const ticks = () => [...document.querySelectorAll('.items input[name=ticket]')];

function showBatch() {
  const bar = document.querySelector('[data-batch]');
  if (!bar) return;
  const chosen = ticks().filter((tick) => tick.checked);
  bar.classList.toggle('on', chosen.length > 0);
  const count = bar.querySelector('[data-batch-count]');
  if (count) count.textContent = chosen.length;
  // only verbs that are valid for every ticked row
  bar.querySelectorAll('[data-batch-per]').forEach((button) => {
    const verb = button.dataset.batchPer;
    button.hidden = !chosen.every((tick) => (tick.closest('[data-row]').dataset.can || '').split(' ').includes(verb));
  });
  write({ ticked: chosen.map((tick) => tick.value) });
}

export function clearTicks() {
  const had = ticks().some((tick) => tick.checked);
  ticks().forEach((tick) => { tick.checked = false; });
  showBatch();
  return had;
}

export function setUpList() {
  const items = document.querySelector('.items');
  if (!items) return;
  const { scroll, search, ticked = [] } = read();
  // Other filters are another list: it starts at its top and with nothing ticked.
  const filters = new URLSearchParams(window.location.search);
  ['ticket', 'page', 'cursor'].forEach((name) => filters.delete(name));
  if (search === filters.toString()) {
    items.scrollTop = scroll || 0;
    ticks().forEach((tick) => { tick.checked = tick.checked || ticked.includes(tick.value); });
  } else write({ search: filters.toString(), scroll: 0, ticked: [] });
  const current = items.querySelector('.it.sel');
  if (current) current.scrollIntoView({ block: 'nearest' });
  const rail = document.querySelector('[data-keep-scroll=rail]');
  if (rail) {
    rail.scrollTop = read().rail || 0;
    rail.addEventListener('scroll', () => write({ rail: rail.scrollTop }), { passive: true });
  }
  items.addEventListener('scroll', () => write({ scroll: items.scrollTop }), { passive: true });
  document.addEventListener('change', (event) => {
    if (event.target.matches('.items input[name=ticket]')) showBatch();
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-batch-clear]')) clearTicks();
  });
  document.addEventListener('htmx:afterSwap', showBatch);
  showBatch();
}
