// What is still on the phone: items (forms that were sent by the person) and their photos, in IndexedDB.
//
// item: id (also the form's idempotency key) · owner (member mark) · path · page (where the form stood) · title · words ·
//       fields: [[name, value]] · photos: [id] · made (ms) · state: waiting | refused | conflict · sentences · now: [str]
// photo: id · item · blob · name
const NAME = 'phone';

let opened;

function open() {
  opened ||= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('items', { keyPath: 'id' });
      asked.result.createObjectStore('photos', { keyPath: 'id' }).createIndex('item', 'item');
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => {
      opened = undefined;
      fail(asked.error);
    };
  });
  return opened;
}

/** Run `work` on both stores in one transaction; what it returns (a request, or nothing) is the result. */
async function within(mode, work) {
  const base = await open();
  return new Promise((done, fail) => {
    // strict: "stored" is said only when it would survive the phone switching off
    const run = base.transaction(['items', 'photos'], mode, { durability: 'strict' });
    const asked = work(run.objectStore('items'), run.objectStore('photos'));
    run.oncomplete = () => done(asked?.result);
    run.onerror = run.onabort = () => fail(run.error);
  });
}

export const read = (id) => within('readonly', (items) => items.get(id));
export const photo = (id) => within('readonly', (_, photos) => photos.get(id));
export const photosOf = (id) => within('readonly', (_, photos) => photos.index('item').getAll(id));

/** All items, the oldest first. */
export const all = async () => (await within('readonly', (items) => items.getAll())).sort((a, b) => a.made - b.made);

/** An item and its photos, both or nothing. With `instead`, that item goes at the same moment. */
export function put(item, blobs, instead = '') {
  return within('readwrite', (items, photos) => {
    if (instead) dropFrom(items, photos, instead);
    items.put(item);
    blobs.forEach((entry) => photos.put({ ...entry, item: item.id }));
  });
}

/** Change an item that is still there; one that has gone meanwhile stays gone. */
export function change(id, more) {
  return within('readwrite', (items) => {
    const asked = items.get(id);
    asked.onsuccess = () => {
      if (asked.result) items.put({ ...asked.result, ...more });
    };
  });
}

function dropFrom(items, photos, id) {
  items.delete(id);
  const asked = photos.index('item').openKeyCursor(IDBKeyRange.only(id));
  asked.onsuccess = () => {
    if (!asked.result) return;
    photos.delete(asked.result.primaryKey);
    asked.result.continue();
  };
}

export const drop = (id) => within('readwrite', (items, photos) => { dropFrom(items, photos, id); });

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http has no randomUUID
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}
