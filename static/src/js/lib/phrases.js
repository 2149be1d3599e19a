// A tapped sentence goes into the words of its form at the caret; the first blank (____) is chosen, ready to be written over.
// A sentence that stood there already and was not touched gives way. Without scripts the button sends the form and gets it back.
export function setUpPhrases() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-phrase]');
    const field = button?.form?.elements.note;
    if (!field) return;
    event.preventDefault();
    const said = button.dataset.phrase;
    const untouched = field.value === field.defaultValue && !field.dataset.tapped;
    let from = field.value.length;
    if (untouched) {
      field.value = said;
      from = 0;
    } else {
      const at = field.selectionEnd ?? from;
      const before = field.value.slice(0, at);
      const gap = !before || before.endsWith('\n') ? '' : '\n';
      field.value = before + gap + said + field.value.slice(at);
      from = before.length + gap.length;
    }
    field.dataset.tapped = '1';
    field.focus();
    const blank = field.value.indexOf('____', from);
    if (blank >= 0) field.setSelectionRange(blank, blank + 4);
    else field.setSelectionRange(from + said.length, from + said.length);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
}
