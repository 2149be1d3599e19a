// Board: the leader's page. On the wall, data older than two minutes turns grey and says since when.
import { start } from './lib/start.js';

const LIMIT = 2 * 60 * 1000;

function watchAge() {
  document.querySelectorAll('[data-as-of]').forEach((node) => {
    node.classList.toggle('stale', Date.now() - Date.parse(node.dataset.asOf) > LIMIT);
  });
}

start();
watchAge();
setInterval(watchAge, 15000);
