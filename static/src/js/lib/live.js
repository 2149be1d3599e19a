// Numbers around the inbox refresh themselves. Polling, answered by 304 while nothing changed; rarer and rarer while nobody looks
// or the network is away. Moves no focus, reloads nothing: what is new in the list is said politely, with a link.
const EVERY = 30000;
const RAREST = 600000;

export function setUpLive() {
  const note = document.querySelector('[data-live]');
  if (!note) return;
  const total = document.querySelector('[data-count=total]');
  const began = Number(total?.textContent) || 0;
  let tag = '';
  let wait = EVERY;
  let timer = 0;
  let asked = Date.now();

  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  };

  function show(counts) {
    document.querySelectorAll('[data-count]').forEach((node) => {
      // A name that is missing has nothing left.
      const number = String(counts[node.dataset.count] ?? 0);
      if (node.textContent === number) return;
      node.textContent = number;
      node.classList.add('fresh');
      setTimeout(() => node.classList.remove('fresh'), 2000);
    });
    const more = (counts.total ?? 0) - began;
    if (more <= 0) {
      note.replaceChildren();
      return;
    }
    const text = note.dataset.liveMore.replace('%n', more);
    if (note.firstChild?.textContent === text) return;
    const word = document.createElement('span');
    const link = document.createElement('a');
    word.textContent = text;
    link.textContent = note.dataset.liveGo;
    link.href = note.dataset.liveUrl;
    note.replaceChildren(word, link);
  }

  async function ask() {
    asked = Date.now();
    try {
      const headers = { 'X-Background': '1', ...(tag ? { 'If-None-Match': tag } : {}) };
      const answer = await fetch(note.dataset.live, { headers, credentials: 'same-origin', redirect: 'manual', cache: 'no-store' });
      // Signed out, or no longer in post: the next click says so.
      if (answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 403 || answer.status === 404) return;
      if (answer.ok) {
        tag = answer.headers.get('ETag') || '';
        show((await answer.json()).counts);
      } else if (answer.status !== 304) throw new Error(String(answer.status));
      wait = document.hidden ? Math.min(wait * 2, RAREST) : EVERY;
    } catch {
      wait = Math.min(wait * 2, RAREST);
    }
    plan();
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    wait = EVERY;
    if (Date.now() - asked >= EVERY) ask();
    else plan();
  });
  plan();
}
