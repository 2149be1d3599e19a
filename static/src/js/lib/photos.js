// Choosing photos: each is shrunk to at most 1600 px JPEG (which also drops where and when the phone took it), shown, and
// can be taken out again. Whenever anything fails the original file is sent; the server checks and re-encodes anyway.
const EDGE = 1600;
const QUALITY = 0.82;

async function draw(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const paper = canvas.getContext('2d');
  paper.fillStyle = '#fff';
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { canvas };
}

async function shrink(file) {
  try {
    const { canvas } = await draw(file);
    const blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', QUALITY); });
    if (!blob) return { file, canvas };
    const name = `${file.name.replace(/\.[^.]*$/, '')}.jpg`;
    return { file: new File([blob], name, { type: 'image/jpeg', lastModified: file.lastModified }), canvas };
  } catch {
    return { file, canvas: null };
  }
}

function setUp(box) {
  const input = box.querySelector('input[type=file]');
  const list = box.querySelector('[data-photos-list]');
  const item = box.querySelector('template[data-photos-item]');
  const hint = box.querySelector('[data-photos-hint]');
  const max = Number(box.dataset.photosMax) || 3;
  let kept = [];

  const put = () => {
    const bag = new DataTransfer();
    kept.forEach((entry) => bag.items.add(entry.file));
    input.files = bag.files;
    list.replaceChildren(...kept.map((entry) => entry.node));
    const left = max - kept.length;
    if (hint) hint.textContent = !kept.length ? '' : left > 0 ? box.dataset.photosLeft.replace('%n', left) : box.dataset.photosFull;
    box.dispatchEvent(new CustomEvent('photos:change', { bubbles: true, detail: { count: kept.length } }));
  };

  const add = async (files) => {
    const chosen = files.slice(0, max - kept.length);
    const form = input.form;
    form?.setAttribute('aria-busy', 'true');
    const added = [];
    // one after the other: a cheap phone has the memory for one picture
    for (const original of chosen) {
      const { file, canvas } = await shrink(original);
      const node = item.content.firstElementChild.cloneNode(true);
      if (canvas) node.prepend(canvas);
      else {
        const name = document.createElement('span');
        name.className = 'nm';
        name.textContent = original.name;
        node.prepend(name);
      }
      const entry = { file, node };
      node.querySelector('button').addEventListener('click', () => {
        kept = kept.filter((other) => other !== entry);
        put();
      });
      added.push(entry);
    }
    kept = kept.concat(added).slice(0, max);
    form?.removeAttribute('aria-busy');
    put();
  };
  input.addEventListener('change', () => add([...input.files]));
  // Pictures that come another way: pasted, dropped.
  box.addEventListener('photos:add', (event) => add(event.detail.files));
}

// Sent while a picture is still being shrunk: it goes by itself as soon as that is done, with all pictures. At the window,
// because whatever else sends forms listens below it.
function setUpWaiting() {
  window.addEventListener('submit', (event) => {
    const { target: form, submitter } = event;
    if (form.getAttribute('aria-busy') !== 'true') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.goes) return;
    form.dataset.goes = '1';
    submitter?.setAttribute('aria-busy', 'true');
    form.addEventListener('photos:change', () => {
      delete form.dataset.goes;
      submitter?.removeAttribute('aria-busy');
      form.requestSubmit(submitter);
    }, { once: true });
  }, { capture: true });
}

let isWaiting = false;

export function setUpPhotos(root = document) {
  if (typeof createImageBitmap !== 'function' || typeof DataTransfer !== 'function') return;
  if (!isWaiting) setUpWaiting();
  isWaiting = true;
  root.querySelectorAll('[data-photos]:not([data-ready])').forEach((box) => {
    box.dataset.ready = '1';
    setUp(box);
  });
}
