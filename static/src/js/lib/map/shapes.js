// Maps that read their shapes from the page: splitting, merging, looking at a change.
import { L, label, makeMap, words } from './draw.js';

export function shapesOf() {
  return JSON.parse(document.getElementById('shapes')?.textContent || '{"features": []}').features;
}

function picker(kind, place) {
  return L.divIcon({ className: `mbld ${kind}${place ? ` p${place}` : ''}`, html: place ? String(place) : '', iconSize: kind ? [22, 22] : [12, 12] });
}

// Choosing a part for each building: the map and the list say the same, whichever is used.
export function choose(el) {
  const say = words(el);
  const map = makeMap(el);
  const drawn = L.featureGroup().addTo(map);
  const found = shapesOf();
  const pieces = found.filter((each) => each.properties.kind === 'piece');
  for (const each of found.filter(({ properties }) => properties.kind === 'grid')) {
    const name = pieces.length ? undefined : each.properties.name;
    const layer = L.geoJSON(each, { style: { className: pieces.length ? 'ma up' : 'ma' } }).addTo(drawn);
    if (name) layer.bindTooltip(label(name), { permanent: true, direction: 'center', className: 'mname' });
  }
  const names = pieces.map((each) => {
    const layer = L.geoJSON(each, { style: { className: `ma part p${each.properties.part}` } })
      .bindTooltip(label(each.properties.name), { permanent: true, direction: 'center', className: 'mname' }).addTo(drawn);
    // Above the middle: there a border that goes away runs through the name.
    const box = layer.getBounds();
    return () => layer.openTooltip([box.getNorth() - (box.getNorth() - box.getSouth()) * 0.2, box.getCenter().lng]);
  });
  for (const each of found.filter(({ properties }) => properties.kind === 'building')) building(each, el, say).addTo(drawn);
  if (drawn.getLayers().length) map.fitBounds(drawn.getBounds(), { padding: [20, 20] });
  else map.setView([34, 110], 8);
  names.forEach((show) => show());
  return map;
}

function building(each, el, say) {
  const { id, name, households } = each.properties;
  const [lng, lat] = each.geometry.coordinates;
  const row = document.querySelector(`[data-building="${id}"]`);
  const radios = row ? [...row.querySelectorAll('input[type=radio]')] : [];
  const place = () => radios.findIndex((radio) => radio.checked) + 1;
  const told = () => `${name}，${place() ? say('Part', place()) : say('None')}`;
  const marker = L.marker([lat, lng], {
    icon: picker(radios.length ? 'pick' : '', place()), keyboard: radios.length > 0,
  });
  marker.bindTooltip(label(name, households ? say('Homes', households) : ''), { direction: 'top' });
  if (!radios.length) return marker;
  // Leaflet gives a name to pictures only, and this is a button.
  const speak = () => marker.getElement()?.setAttribute('aria-label', told());
  const show = () => {
    marker.setIcon(picker('pick', place()));
    speak();
  };
  marker.on('add', speak);
  // A click goes through the parts that have a name.
  marker.on('click keypress', (event) => {
    if (event.type === 'keypress' && event.originalEvent.key !== 'Enter') return;
    const named = [...document.querySelectorAll('input[name^=name_]')].filter((input) => input.value.trim()).length;
    radios[place() % Math.max(2, named)].checked = true;
    show();
  });
  row.addEventListener('change', show);
  for (const [on, off, value] of [['mouseenter', 'mouseleave', true], ['focusin', 'focusout', true]]) {
    row.addEventListener(on, () => marker.getElement()?.classList.toggle('on', value));
    row.addEventListener(off, () => marker.getElement()?.classList.remove('on'));
  }
  return marker;
}
