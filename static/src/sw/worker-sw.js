// The phone without a network. self.SHELL (written before this text by the server) names the files of this build.
//
// Files of the build are kept when it is installed. Pages are asked of the network first; a copy is kept only of those
// whose answer allows it (X-Offline-Keep: member and seconds), in a cache of that member alone. Another member's page,
// a session that is over and the last second each empty it. What is sent is never touched here: the pages' queue does that.
const { scope, version, assets, statics, named, offline } = self.SHELL;
const FILES = `files|${scope}|${version}`;
const PAGES = `pages|${scope}|`;
const PATIENCE = 4000; // ms that somebody waits for the network while a kept copy is at hand
const MOST = 150;

self.addEventListener('install', (event) => {
  event.waitUntil(keepFiles().then(() => self.skipWaiting()));
});

/** One file that cannot be had now must not cost the phone all the others: it is kept when a page next asks for it. */
async function keepFiles() {
  const cache = await caches.open(FILES);
  await Promise.all([...assets, offline].map(async (url) => {
    try {
      const response = await fetch(url, { cache: named ? 'default' : 'no-cache' });
      if (!response.ok || response.redirected) throw new Error(`${response.status}`);
      await cache.put(url, response);
    } catch (error) {
      console.warn(`not kept: ${url}`, error);
    }
  }));
}

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(`files|${scope}|`) && name !== FILES) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

// A page that was on its way while the worker became ready belongs to nobody: it asks to be taken over.
self.addEventListener('message', (event) => {
  if (event.data === 'claim') event.waitUntil(self.clients.claim());
});

async function forget(but = '') {
  for (const name of await caches.keys()) {
    if (name.startsWith(PAGES) && name !== but) await caches.delete(name);
  }
}

/** Keep what may be kept; notice whose phone this is now. */
async function remember(url, response) {
  if (response.type === 'opaqueredirect' || response.redirected) {
    await forget(); // sent away to sign in: the session is over
    return;
  }
  const mark = response.headers.get('X-Member');
  if (!mark) return;
  const own = PAGES + mark;
  await forget(own);
  const cache = await caches.open(own);
  const [member, seconds] = (response.headers.get('X-Offline-Keep') || '').split(' ');
  if (member !== mark) {
    if ([204, 403, 404].includes(response.status)) await cache.delete(url);
    return;
  }
  const headers = new Headers({ 'Content-Type': 'text/html; charset=utf-8', 'X-Until': String(Date.now() + Number(seconds) * 1000), 'X-Kept-At': new Date().toISOString() });
  for (const name of ['Content-Security-Policy', 'Permissions-Policy']) {
    if (response.headers.has(name)) headers.set(name, response.headers.get(name));
  }
  await cache.delete(url); // a fresh copy goes to the end of the list: the oldest are dropped first
  await cache.put(url, new Response(await response.blob(), { headers }));
  const all = await cache.keys();
  for (const old of all.slice(0, Math.max(0, all.length - MOST))) await cache.delete(old);
}

async function find(url) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGES)) continue;
    const cache = await caches.open(name);
    const kept = await cache.match(url);
    if (!kept) continue;
    if (Number(kept.headers.get('X-Until')) > Date.now()) return kept;
    await cache.delete(url);
  }
  return null;
}

/** The copy says of itself when it was kept; the page's script shows it. */
async function aged(kept) {
  const html = (await kept.text()).replace('<html ', `<html data-kept-at="${kept.headers.get('X-Kept-At')}" `);
  return new Response(html, { headers: kept.headers });
}

async function page(request, event) {
  const url = request.url.split('#')[0];
  const kept = await find(url);
  const asked = fetch(request).then((response) => {
    event.waitUntil(remember(url, response.clone()).catch(() => {}));
    return response;
  });
  asked.catch(() => {});
  try {
    if (!kept) return await asked;
    const late = new Promise((_, fail) => { setTimeout(() => fail(new Error('late')), PATIENCE); });
    return await Promise.race([asked, late]);
  } catch {
    return kept ? aged(kept) : (await caches.match(offline)) || Response.error();
  }
}

async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request);
  if (kept && named) return kept;
  try {
    const response = await fetch(request);
    if (response.ok && assets.includes(new URL(request.url).pathname)) cache.put(request.url, response.clone()).catch(() => {});
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (pathname.startsWith(statics)) event.respondWith(file(request));
  else if (pathname.startsWith(scope) && (request.mode === 'navigate' || request.headers.has('X-Keep'))) event.respondWith(page(request, event));
});
