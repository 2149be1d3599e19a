// A link with data-dialog leads to a page that holds a [data-confirm] form. Here the same form opens in a <dialog>; when
// anything goes wrong the link is simply followed. Focus: the first field, else the way out; Esc is the way out. Closed, it
// goes back to the link, or to the menu the link is folded into where a key had opened it.
import { firstField, goBack } from './focus.js';

async function open(link) {
  const response = await fetch(link.href, { headers: { 'X-Requested-With': 'dialog' }, credentials: 'same-origin' });
  if (!response.ok || response.redirected) throw new Error('not a form');
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const form = page.querySelector('[data-confirm]');
  if (!form) throw new Error('not a form');
  if (!link.isConnected) return; // somebody went on to another matter meanwhile
  const dialog = document.createElement('dialog');
  dialog.className = 'confirm';
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  dialog.append(...document.importNode(form, true).childNodes);
  document.body.append(dialog);
  dialog.addEventListener('close', () => {
    dialog.remove();
    goBack(link);
  });
  dialog.showModal();
  // What its fields become comes first: a choice that is searched for hides the one it stands for.
  dialog.dispatchEvent(new CustomEvent('dialog:open', { bubbles: true }));
  (firstField(dialog) || dialog.querySelector('[data-dialog-close]'))?.focus();
}

let coming = false;

export function setUpDialogs() {
  document.addEventListener('click', (event) => {
    const close = event.target.closest('dialog [data-dialog-close]');
    if (close) {
      event.preventDefault();
      close.closest('dialog').close();
      return;
    }
    if (event.target instanceof HTMLDialogElement && event.target.open) {
      event.target.close(); // a click beside the box
      return;
    }
    const link = event.target.closest('a[data-dialog]');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    // On a slow network people tap again: one form comes all the same.
    if (coming) return;
    coming = true;
    link.setAttribute('aria-busy', 'true');
    open(link).catch(() => window.location.assign(link.href)).finally(() => {
      coming = false;
      link.removeAttribute('aria-busy');
    });
  });
  document.addEventListener('click', (event) => {
    // an open menu closes when one clicks elsewhere
    document.querySelectorAll('details.menu[open]').forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
}
