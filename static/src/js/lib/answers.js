// An offered answer is folded away by 还是要报, and the form goes on at the next question. Without scripts the link does it.
export function setUpAnswers() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-fold]');
    if (!link) return;
    event.preventDefault();
    const details = link.closest('details');
    if (details) details.open = false;
    const next = document.querySelector(link.getAttribute('href'));
    if (next) next.focus();
  });
}
