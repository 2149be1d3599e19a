// Evidence at the desk: pictures pasted or dropped anywhere on the page go to the form that takes them; the form is sent with
// a bar that shows how far it is, and stays as it is, words and pictures, when sending fails.
import { say } from './toasts.js';

// The form one looks at: in the open dialog, else on the page.
function box() {
  const dialog = document.querySelector('dialog[open]');
  return (dialog || document).querySelector('[data-photos-paste]');
}

function take(files) {
  const to = box();
  if (!to || !files.length) return false;
  const pictures = files.filter((file) => file.type.startsWith('image/'));
  if (pictures.length < files.length) say(to.dataset.photosPaste, 'fail');
  if (pictures.length) to.dispatchEvent(new CustomEvent('photos:add', { detail: { files: pictures } }));
  return true;
}

function setUpPasteAndDrop() {
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files || [])];
    // Words are pasted as words, also where the clipboard holds a picture of them beside.
    if (event.clipboardData?.types.includes('text/plain')) return;
    if (take(files)) event.preventDefault();
  });
  const mark = (on) => document.querySelectorAll('.form').forEach((form) => {
    form.classList.toggle('dropping', on && form.contains(box()));
  });
  const holdsFiles = (event) => [...(event.dataTransfer?.types || [])].includes('Files') && box();
  document.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) mark(false);
  });
  document.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    // Otherwise the browser would leave the page and open the picture.
    event.preventDefault();
    mark(false);
    take([...event.dataTransfer.files]);
  });
}

function progress(form) {
  let part = form.querySelector('.sending');
  if (!part) {
    part = document.createElement('div');
    part.className = 'sending';
    part.setAttribute('role', 'status');
    part.append(document.createElement('span'), document.createElement('progress'));
    form.querySelector('.acts').before(part);
  }
  const [word, bar] = part.children;
  word.textContent = form.dataset.uploadGoing;
  bar.hidden = false;
  bar.removeAttribute('value');
  return { part, word, bar };
}

function send(form, submitter) {
  const { part, word, bar } = progress(form);
  const ends = () => {
    delete form.dataset.sent;
    submitter?.removeAttribute('aria-busy');
  };
  const fail = () => {
    ends();
    bar.hidden = true;
    word.textContent = form.dataset.uploadFailed;
    part.setAttribute('role', 'alert');
  };
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  const sending = new XMLHttpRequest();
  sending.open('POST', form.action);
  sending.setRequestHeader('X-Upload', '1');
  sending.upload.addEventListener('progress', (event) => {
    if (!event.lengthComputable) return;
    bar.max = event.total;
    bar.value = event.loaded;
  });
  sending.addEventListener('error', fail);
  sending.addEventListener('abort', fail);
  sending.addEventListener('timeout', fail);
  sending.timeout = 120000;
  sending.addEventListener('load', () => {
    const to = sending.getResponseHeader('HX-Redirect');
    if (to) {
      window.location.assign(to);
      return;
    }
    const answer = new DOMParser().parseFromString(sending.responseText, 'text/html').querySelector('[data-confirm]');
    const old = form.closest('[data-confirm], dialog');
    if (sending.status !== 422 || !answer || !old) {
      fail();
      return;
    }
    // What is wrong stands at its field, with everything that was written; photos that arrived are in the answer.
    old.replaceChildren(...document.importNode(answer, true).childNodes);
    old.dispatchEvent(new CustomEvent('dialog:open', { bubbles: true }));
    old.querySelector('.bad textarea, .bad input:not([type=hidden]), .form-err')?.focus();
  });
  sending.send(body);
}

export function setUpEvidence() {
  setUpPasteAndDrop();
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('form[data-upload]') || event.defaultPrevented) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = '1';
    event.submitter?.setAttribute('aria-busy', 'true');
    send(form, event.submitter);
  });
}
