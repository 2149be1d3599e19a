// Where: one position when the person taps for it, and a searchable choice over a plain <select data-combo>.
import { word } from './words.js';

export function setUpLocate() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-locate-go]');
    if (!button) return;
    const box = button.closest('[data-locate]');
    const say = box.querySelector('[data-locate-say]');
    const fail = () => {
      button.removeAttribute('aria-busy');
      say.textContent = box.dataset.locateFail;
      // Refused or not found: the choice of community and building opens beside it.
      const other = box.closest('form')?.querySelector('[data-locate-else]');
      if (other) other.open = true;
    };
    if (!navigator.geolocation) {
      fail();
      return;
    }
    button.setAttribute('aria-busy', 'true');
    say.textContent = box.dataset.locateWait;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.removeAttribute('aria-busy');
        box.querySelector('[data-locate-lat]').value = coords.latitude.toFixed(6);
        box.querySelector('[data-locate-lng]').value = coords.longitude.toFixed(6);
        say.textContent = box.dataset.locateDone.replace('%n', Math.max(1, Math.round(coords.accuracy)));
      },
      fail,
      { enableHighAccuracy: true, timeout: 12000, maximumAge: 30000 },
    );
  });
}

const SHOWN = 60;
let serial = 0;

function combo(select) {
  serial += 1;
  const options = [...select.options].filter((option) => option.value);
  const box = document.createElement('div');
  const input = document.createElement('input');
  const list = document.createElement('ul');
  box.className = 'combo';
  input.type = 'text';
  input.autocomplete = 'off';
  input.id = `${select.id || 'combo'}_find${serial}`;
  input.placeholder = select.dataset.combo || select.options[0]?.text || '';
  input.value = select.value ? select.selectedOptions[0].text : '';
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-expanded': 'false', 'aria-autocomplete': 'list', 'aria-controls': `${input.id}_list` })) input.setAttribute(name, value);
  list.id = `${input.id}_list`;
  list.setAttribute('role', 'listbox');
  list.hidden = true;
  const label = document.querySelector(`label[for="${select.id}"]`);
  if (label) label.htmlFor = input.id;
  let at = -1;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const choose = (option) => {
    select.value = option.value;
    input.value = option.text;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    close();
  };
  const mark = () => {
    [...list.children].forEach((row, index) => row.setAttribute('aria-selected', String(index === at)));
    const row = list.children[at];
    if (!row) return;
    row.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', row.id);
  };
  const show = () => {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const found = options.filter((option) => words.every((part) => `${option.text} ${option.dataset.also || ''}`.toLowerCase().includes(part))).slice(0, SHOWN);
    list.replaceChildren(...found.map((option, index) => {
      const row = document.createElement('li');
      row.id = `${list.id}_${index}`;
      row.setAttribute('role', 'option');
      row.textContent = option.text;
      row.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        choose(option);
      });
      row.option = option;
      return row;
    }));
    if (!found.length) {
      const none = document.createElement('li');
      none.className = 'none';
      none.textContent = word('none');
      list.append(none);
    }
    at = words.length && found.length ? 0 : -1;
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    mark();
  };

  input.addEventListener('input', () => {
    if (!input.value.trim()) select.value = '';
    show();
  });
  input.addEventListener('focus', () => {
    input.select();
    show();
  });
  input.addEventListener('blur', () => {
    input.value = select.value ? select.selectedOptions[0].text : '';
    close();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) show();
      at = Math.max(0, Math.min(list.children.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)));
      mark();
    } else if (event.key === 'Enter' && !list.hidden) {
      event.preventDefault();
      const row = list.children[at];
      if (row?.option) choose(row.option);
    } else if (event.key === 'Escape' && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  select.hidden = true;
  // A hidden required select would block sending without a word; the server says it instead.
  select.required = false;
  select.after(box);
  box.append(input, list);
}

export function setUpCombos(root = document) {
  root.querySelectorAll('select[data-combo]:not([data-ready])').forEach((select) => {
    select.dataset.ready = '1';
    combo(select);
  });
}
