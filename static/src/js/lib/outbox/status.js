// The pill in the header and the banner below it: whether everything has arrived is never a question.
import { moment, word } from './words.js';

function stateOf({ offline, sending, trouble, waiting, session, storeless }) {
  if (session && waiting && !offline) return 'session';
  if (trouble && !offline) return 'look';
  if (offline) return 'off';
  if (storeless) return 'none';
  if (sending) return 'sending';
  return waiting ? 'waiting' : 'sent';
}

function pillWords(state, { waiting, trouble }) {
  if (state === 'off') return waiting ? word('offN', waiting) : word('off');
  return word(state, state === 'look' ? trouble : waiting);
}

function bannerWords(stand, keptAt) {
  const { waiting, trouble, session, offline, storeless } = stand;
  if (session && waiting) return { title: word('sessionTitle'), text: word('sessionText', waiting), go: word('sessionGo'), login: true };
  if (storeless) return { title: word('noneTitle'), text: word('noneText') };
  if (offline) return { title: word('offTitle'), text: waiting ? word('offText', waiting) : word('offNone') };
  if (trouble) return { title: word('lookTitle', trouble), text: word('lookText') };
  if (waiting) return { title: word('waitingTitle', waiting), text: word('waitingText') };
  if (keptAt) return { title: word('kept').replace('%t', moment(keptAt)), text: word('keptText') };
  return null;
}

const ICON = { none: 'look' };
const showIcon = (box, state) => box.querySelectorAll('[data-sync-icon]').forEach((icon) => { icon.hidden = icon.dataset.syncIcon !== (ICON[state] || state); });

function show({ detail }) {
  const state = stateOf(detail);
  document.querySelectorAll('[data-sync]').forEach((pill) => {
    pill.dataset.sync = state;
    showIcon(pill, state);
    const said = pill.querySelector('[data-sync-word]');
    const words = pillWords(state, detail);
    if (said.textContent !== words) said.textContent = words; // read aloud only when it changes
  });
  const banner = document.querySelector('[data-sync-banner]');
  if (!banner) return;
  const { keptAt } = document.documentElement.dataset;
  const says = bannerWords(detail, keptAt);
  // A form keeps its place for the photo, and the list says it itself: there the pill is enough.
  banner.hidden = !says || Boolean(document.querySelector('[data-outbox-page], .app.flush') && !says.login);
  if (!says) return;
  showIcon(banner, state);
  banner.querySelector('[data-sync-title]').textContent = says.title;
  const since = detail.offline && keptAt ? `·${word('kept').replace('%t', moment(keptAt))}` : '';
  banner.querySelector('[data-sync-text]').textContent = says.text + since;
  const go = banner.querySelector('[data-sync-go]');
  const frame = banner.closest('[data-phone]');
  go.textContent = says.go || word('go');
  go.href = says.login ? frame.dataset.home : frame.dataset.outbox;
  go.hidden = !says.login && !detail.mine.length;
}

export const setUpStatus = () => document.addEventListener('sync', show);
