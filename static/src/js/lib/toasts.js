// Toasts: a success goes after 6 s (not while pointed at or focused), a failure stays until closed.
const STAY = 6000;

function dismiss(toast) {
  toast.classList.add('going');
  setTimeout(() => toast.remove(), 200);
}

function start(toast) {
  if (toast.dataset.toast === 'fail' || toast.dataset.started) return;
  toast.dataset.started = '1';
  let timer = setTimeout(() => dismiss(toast), STAY);
  const hold = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dismiss(toast), STAY);
  };
  toast.addEventListener('pointerenter', hold);
  toast.addEventListener('pointerleave', go);
  toast.addEventListener('focusin', hold);
  toast.addEventListener('focusout', go);
}

export function setUpToasts() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-toast-close]');
    if (button) dismiss(button.closest('[data-toast]'));
  });
  const startAll = () => document.querySelectorAll('[data-toast]').forEach(start);
  startAll();
  document.addEventListener('htmx:afterSwap', startAll);
}

/** Show a message made in the browser. kind: ok, fail or off. */
export function say(text, kind = 'ok') {
  const box = document.querySelector('[data-toasts]');
  if (!box) return;
  const toast = document.createElement('div');
  toast.className = 'toast-g';
  toast.dataset.toast = kind;
  toast.textContent = text;
  box.append(toast);
  start(toast);
  if (kind === 'fail') toast.addEventListener('click', () => dismiss(toast));
}
