// What every surface starts with.
import { setUpDialogs } from './dialogs.js';
import { goToErrors } from './focus.js';
import { setUpCountdowns, setUpForms, setUpHandy } from './forms.js';
import { setUpModes } from './modes.js';
import { setUpPhotos } from './photos.js';
import { setUpCombos, setUpLocate } from './place.js';
import { setUpStamps } from './stamps.js';
import { setUpToasts } from './toasts.js';

export function start() {
  document.documentElement.classList.add('js');
  setUpModes();
  setUpToasts();
  setUpForms();
  setUpStamps();
  setUpCountdowns();
  setUpHandy();
  setUpDialogs();
  setUpLocate();
  const parts = (root) => {
    setUpPhotos(root);
    setUpCombos(root);
  };
  parts(document);
  goToErrors();
  document.addEventListener('dialog:open', (event) => parts(event.target));
  document.addEventListener('htmx:afterSwap', (event) => parts(event.target));
}
