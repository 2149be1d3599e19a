// Small helps for every form: no double sending, countdown of 撤回, copying a number, printing, reading aloud.
export function setUpForms() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('hx-post')) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = '1';
    // The button keeps its name and value: it is only marked, never disabled before the form is read.
    if (event.submitter) event.submitter.setAttribute('aria-busy', 'true');
  });
  // Coming back with the browser's arrow must not leave the form locked.
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent);
    document.querySelectorAll('[aria-busy=true]').forEach((button) => button.removeAttribute('aria-busy'));
  });
}

export function setUpCountdowns() {
  document.querySelectorAll('[data-countdown]').forEach((form) => {
    // 长辈版 has no time limits in sight: the server decides whether taking back is still possible.
    if (document.documentElement.dataset.elder) return;
    let left = Number(form.dataset.countdown) || 10;
    const show = form.querySelector('[data-countdown-left]');
    const tick = () => {
      if (left <= 0) {
        form.querySelectorAll('button').forEach((button) => button.remove());
        clearInterval(timer);
        return;
      }
      if (show) show.textContent = ` ${left}`;
      left -= 1;
    };
    const timer = setInterval(tick, 1000);
    tick();
  });
}

export function setUpHandy() {
  document.addEventListener('click', async (event) => {
    const copy = event.target.closest('[data-copy]');
    if (copy) {
      try {
        await navigator.clipboard.writeText(copy.dataset.copy);
        const word = copy.querySelector('span') || copy;
        const before = word.textContent;
        word.textContent = copy.dataset.copyDone;
        setTimeout(() => { word.textContent = before; }, 2000);
      } catch {
        // No clipboard (plain http): select the number, so that a long press copies it.
        const value = copy.parentElement.querySelector('[data-copy-value]');
        if (value) window.getSelection().selectAllChildren(value);
      }
    }
    if (event.target.closest('[data-print]')) window.print();
    const read = event.target.closest('[data-read]');
    if (read && window.speechSynthesis) {
      const part = document.querySelector(read.dataset.read);
      const speech = new SpeechSynthesisUtterance(part ? part.innerText : '');
      speech.lang = 'zh-CN';
      speech.rate = 0.9;
      window.speechSynthesis.cancel();
      window.speechSynthesis.speak(speech);
    }
  });
}
