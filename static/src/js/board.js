// Board: the leader's page. On the wall, data older than two minutes turns grey and says since when.
import { start } from './lib/start.js';

const LIMIT = 2 * 60 * 1000;
const EVERY = 60 * 1000;

function watchAge() {
  document.querySelectorAll('[data-as-of]').forEach((node) => {
    node.classList.toggle('stale', Date.now() - Date.parse(node.dataset.asOf) > LIMIT);
  });
}

// Fetched anew each minute, which keeps nobody signed in: where the session has ended the numbers stay, turn grey, and it is
// said why. The focus stays on what one had it on.
async function refresh() {
  const said = document.querySelector('[data-wall]');
  let page = null;
  try {
    const answer = await fetch(window.location.href, { headers: { 'X-Background': '1' }, credentials: 'same-origin', redirect: 'manual', cache: 'no-store' });
    if (answer.ok) page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    else if (answer.type === 'opaqueredirect' || answer.status === 403) said.textContent = said.dataset.wall;
  } catch {
    // No network: what stands there grows old and says so.
  }
  const fresh = page?.querySelector('main.wall');
  if (!fresh) return;
  const held = document.activeElement?.closest('main.wall a')?.getAttribute('href');
  document.querySelector('main.wall').replaceChildren(...document.importNode(fresh, true).childNodes);
  if (held) [...document.querySelectorAll('main.wall a')].find((link) => link.getAttribute('href') === held)?.focus();
  watchAge();
}

start();
watchAge();
setInterval(watchAge, 15000);
if (document.querySelector('[data-wall]')) setInterval(refresh, EVERY);
