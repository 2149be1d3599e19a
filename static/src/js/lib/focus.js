// Where the focus goes when something was closed or came back with errors.
// What a closed <details> folds away has its box all the same.
const shown = (node) => Boolean(node?.isConnected && node.getClientRects().length && (!node.checkVisibility || node.checkVisibility({ visibilityProperty: true })));

/** To what opened a dialog; folded away, to the summary of its menu. */
export function goBack(opener) {
  const place = shown(opener) ? opener : opener.closest('details')?.querySelector('summary');
  place?.focus();
}

const FIELD = 'input:not([type=hidden]), textarea, select';

export const firstField = (box) => [...box.querySelectorAll(FIELD)].find(shown);

/** The field an error stands at: in its group, else in what is near around it. */
function fieldOf(error) {
  const group = error.closest('.fg, fieldset');
  if (group && firstField(group)) return firstField(group);
  let box = error.parentElement;
  for (let step = 0; step < 3 && box && !box.matches('form, main'); step += 1, box = box.parentElement) {
    const found = [...box.querySelectorAll('[aria-invalid=true]')].find(shown) || firstField(box);
    if (found) return found;
  }
  return null;
}

// A field is described by what is wrong with it: a reader says the sentence when the focus comes to it.
function describe(root) {
  [...root.querySelectorAll('.err')].forEach((error, index) => {
    const field = fieldOf(error);
    if (!field || field.closest('fieldset')?.getAttribute('aria-describedby')) return;
    const said = (field.getAttribute('aria-describedby') || '').split(' ').filter((id) => document.getElementById(id));
    if (said.some((id) => document.getElementById(id).contains(error))) return;
    error.id ||= `wrong-${index + 1}`;
    field.setAttribute('aria-describedby', [...said, error.id].join(' '));
    field.setAttribute('aria-invalid', 'true');
  });
}

/**
 * A form came back: to what is wrong with the whole of it, else to the first field that is wrong. A reader then says the
 * sentence; everybody sees it, wherever on the page it stands.
 */
export function goToErrors(root = document) {
  describe(root);
  const whole = [...root.querySelectorAll('.form-err')].find(shown);
  const first = [...root.querySelectorAll('.err')].find((node) => fieldOf(node) || shown(node));
  const place = whole || (first && (fieldOf(first) || first)) || [...root.querySelectorAll('[aria-invalid=true]')].find(shown);
  if (!place) return;
  if (!place.matches(FIELD)) place.tabIndex = -1;
  place.closest('details:not([open])')?.setAttribute('open', '');
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: 'center' });
}
