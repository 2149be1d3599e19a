// A patrol whose beginning still waits on the phone may be ended too: its end waits behind it.
export function setUpPatrols() {
  document.addEventListener('sync', ({ detail }) => {
    document.querySelectorAll('form[data-after]').forEach((form) => {
      form.hidden = !detail.mine.some((item) => item.path === form.dataset.after);
    });
  });
}
