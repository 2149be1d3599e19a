// When something was written down: a form that is kept and sent later still says so. Set once, so that a second tap
// sends the same form.
export function setUpStamps() {
  document.addEventListener(
    'submit',
    (event) => {
      const field = event.target.querySelector?.('input[data-stamp]');
      if (field && !field.value) field.value = new Date().toISOString();
    },
    true,
  );
}
