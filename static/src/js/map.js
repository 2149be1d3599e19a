// Maps: Leaflet is bundled here alone, so that only pages with a map load it; the editor comes only where one draws.
import { overview } from './lib/map/overview.js';
import { choose } from './lib/map/shapes.js';

for (const el of document.querySelectorAll('[data-map]')) {
  const { mode } = el.dataset;
  if (mode === 'edit') import('./lib/map/edit.js').then(({ edit }) => edit(el));
  else if (mode) choose(el);
  else overview(el);
}
