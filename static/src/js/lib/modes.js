// Appearance switches: 长辈版 size, dark desk, 户外 contrast. The link already works without scripts (it sets the cookie on
// the server); here the change is seen at once, kept in the same cookie and, as a second memory, in localStorage.
import { word } from './words.js';

const YEAR = 365 * 24 * 3600;

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; samesite=lax; max-age=${value ? YEAR : 0}`;
  try {
    if (value) localStorage.setItem(`mode-${name}`, value);
    else localStorage.removeItem(`mode-${name}`);
  } catch {
    // private windows refuse storage; the cookie is enough
  }
}

function show(name, value) {
  const root = document.documentElement;
  if (name === 'sun') root.toggleAttribute('data-sun', value !== '0');
  else if (value) root.setAttribute(`data-${name}`, value);
  else root.removeAttribute(`data-${name}`);
}

function current(name) {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : '';
}

export function setUpModes() {
  // A cookie that the browser threw away comes back from localStorage.
  for (const name of ['elder', 'theme', 'sun']) {
    let kept = '';
    try {
      kept = localStorage.getItem(`mode-${name}`) || '';
    } catch {
      kept = '';
    }
    const used = document.querySelector(`[data-mode="${name}"]`);
    if (used && kept && !current(name)) {
      remember(name, kept);
      show(name, kept);
    }
  }
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-mode]');
    if (!link) return;
    const { mode, modeValue } = link.dataset;
    const value = 'modeToggle' in link.dataset && current(mode) ? '' : modeValue;
    remember(mode, value);
    // The size picker exists only in 长辈版 pages, so switching it on or off asks the server for the page anew.
    if (mode === 'elder') return;
    event.preventDefault();
    show(mode, value);
    link.closest('[data-modes]')?.querySelectorAll('[data-mode]').forEach((other) => {
      if (other === link) other.setAttribute('aria-current', 'true');
      else other.removeAttribute('aria-current');
    });
    const state = link.querySelector('.end');
    if (state && mode === 'sun') state.textContent = word(value === '0' ? 'off' : 'on');
  });
}
