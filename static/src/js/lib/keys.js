// Keyboard at the desk. Single letters are off while typing, with a modifier, in a dialog, and when switched off.
// A page gives its own keys with data-key="d" on a button or link; data-key="enter d" is also the main act. Every key so has
// its button, and the list that ? opens is read off them.
import { clearTicks } from './desk-list.js';

const SWITCH = 'desk-keys';

function on() {
  try {
    return localStorage.getItem(SWITCH) !== 'off';
  } catch {
    return true;
  }
}

const typing = (node) => node.closest?.('input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]');
const rows = () => [...document.querySelectorAll('.items [data-row]')];
const currentRow = () => document.querySelector('.items [data-row][aria-current]') || document.activeElement?.closest?.('[data-row]');

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? 0 : at + by];
  const link = next?.querySelector('a.t');
  if (!link) return;
  all.forEach((row) => row.removeAttribute('aria-current'));
  link.focus();
  link.click();
}

function showSwitch() {
  document.documentElement.classList.toggle('keys-off', !on());
  document.querySelectorAll('[data-keys-switch]').forEach((box) => { box.checked = on(); });
}

const onKey = (key) => [...document.querySelectorAll(`[data-key~="${key}"]`)].find((node) => !node.closest('dialog') && !node.disabled);

function listOwn(dialog) {
  const list = dialog.querySelector('[data-keys-own]');
  if (!list) return;
  const found = new Map();
  document.querySelectorAll('[data-key]').forEach((node) => {
    const letter = node.dataset.key.split(' ').find((key) => /^[a-z]$/.test(key));
    if (!letter || found.has(letter) || node.closest('dialog')) return;
    const words = node.cloneNode(true);
    words.querySelectorAll('kbd, .sr, svg').forEach((part) => part.remove());
    found.set(letter, words.textContent.trim());
  });
  list.replaceChildren(...[...found].flatMap(([letter, text]) => {
    const term = document.createElement('dt');
    const key = document.createElement('kbd');
    const what = document.createElement('dd');
    key.textContent = letter.toUpperCase();
    what.textContent = text;
    term.append(key);
    return [term, what];
  }));
}

function showKeys() {
  const dialog = document.querySelector('dialog[data-keys]');
  if (!dialog) return;
  listOwn(dialog);
  dialog.showModal();
}

const acts = {
  j: () => step(1),
  k: () => step(-1),
  x: () => currentRow()?.querySelector('input[name=ticket]')?.click(),
  '/': () => document.querySelector('[data-search]')?.focus(),
  '?': showKeys,
};

export function setUpKeys() {
  showSwitch();
  document.addEventListener('change', (event) => {
    if (!event.target.matches('[data-keys-switch]')) return;
    try {
      localStorage.setItem(SWITCH, event.target.checked ? 'on' : 'off');
    } catch {
      // not remembered then
    }
    showSwitch();
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-keys-open]')) showKeys();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      if (document.querySelector('dialog[open]')) return;
      if (typing(event.target)) event.target.blur();
      else clearTicks();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || document.querySelector('dialog[open]')) return;
    const key = event.key.toLowerCase();
    if (key === 'enter') {
      // a focused link or button keeps its own Enter, except the row just reached with J or K
      const focused = event.target.closest('a, button, summary, input');
      if (focused && !focused.matches('[data-row] a.t')) return;
      const main = onKey('enter');
      if (!main || (focused && !focused.closest('[aria-current]'))) return;
      event.preventDefault();
      main.click();
      return;
    }
    if (!on()) return;
    const act = acts[key] || (/^[a-z]$/.test(key) && onKey(key));
    if (!act) return;
    event.preventDefault();
    if (typeof act === 'function') act();
    else act.click();
  });
}
