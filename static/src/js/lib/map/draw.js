// What every map has: the frame, borders of areas with their names, buildings when one is near, tiles if there are any.
import L from 'leaflet';

const NEAR = 16.5; // from this zoom on buildings are told apart

export function words(el) {
  return (name, n) => (el.dataset[`say${name}`] || '').replace('{n}', n);
}

export async function read(url, parameters) {
  const query = new URLSearchParams(parameters);
  const answer = await fetch(`${url}?${query}`, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

export function makeMap(el) {
  const data = el.dataset;
  const say = words(el);
  el.querySelector('.lmap-off')?.remove();
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const map = L.map(el, {
    zoomControl: false, attributionControl: Boolean(data.tiles && data.attribution), minZoom: 8, maxZoom: 20, zoomSnap: 0.25,
    fadeAnimation: !still, zoomAnimation: !still, markerZoomAnimation: !still,
    // A page is scrolled over the map with one finger and the wheel; two fingers and the buttons zoom.
    scrollWheelZoom: false, dragging: !touched(), touchZoom: true,
  });
  leaveTheFinger(el, map, say);
  map.attributionControl?.setPrefix(false);
  L.control.zoom({ zoomInTitle: say('In'), zoomOutTitle: say('Out') }).addTo(map);
  el.addEventListener('focusin', () => map.scrollWheelZoom.enable());
  el.addEventListener('pointerdown', () => map.scrollWheelZoom.enable());
  if (data.tiles) {
    L.tileLayer(data.tiles, { attribution: escape(data.attribution), maxNativeZoom: Number(data.maxZoom), maxZoom: 20 }).addTo(map);
    el.classList.add('tiled');
  }
  return map;
}

const touched = () => L.Browser.mobile || matchMedia('(pointer: coarse)').matches;

// One finger belongs to the page, two to the map, and that is said when somebody tries with one. A mouse beside a touch
// screen moves the map as ever.
function leaveTheFinger(el, map, say) {
  el.addEventListener('pointerdown', ({ pointerType }) => {
    if (pointerType === 'touch') map.dragging.disable();
    else if (pointerType === 'mouse') map.dragging.enable();
  }, { capture: true });
  const hint = document.createElement('p');
  hint.className = 'mhint';
  hint.id = `${el.id || 'map'}-fingers`;
  hint.textContent = say('Fingers');
  el.append(hint);
  if (touched()) el.setAttribute('aria-describedby', hint.id);
  let timer = 0;
  el.addEventListener('touchmove', ({ touches }) => {
    hint.classList.toggle('on', touches.length === 1);
    clearTimeout(timer);
    timer = setTimeout(() => hint.classList.remove('on'), 1500);
  }, { passive: true });
}

function escape(text) {
  const box = document.createElement('span');
  box.textContent = text;
  return box.innerHTML;
}

export function label(name, note = '') {
  const box = document.createElement('span');
  box.append(name);
  if (note) {
    const small = document.createElement('b');
    small.textContent = note;
    box.append(small);
  }
  return box;
}

export function bounds(map) {
  const box = map.getBounds();
  return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((each) => each.toFixed(6)).join(',');
}

const hit = (a, b) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
const STEPS = [0, -14, 14, -24, 24, -34, 34, -44, 44]; // pixels up and down

// A name under a heap or a button is read by nobody: it moves up or down until it is free. Where there is no room the
// name of an area stays, that of a compound is left out, as is one that the edge of the map cuts.
export function sidestep(el) {
  const frame = el.getBoundingClientRect();
  const taken = [...el.querySelectorAll('.mk, .mhub, .leaflet-control')].map((each) => each.getBoundingClientRect());
  for (const box of el.querySelectorAll('.mname:not(.hid), .mcomp')) {
    box.style.translate = '';
    const here = box.getBoundingClientRect();
    const at = (by) => ({ left: here.left, right: here.right, top: here.top + by, bottom: here.bottom + by });
    const free = STEPS.find((by) => !taken.some((each) => hit(at(by), each)));
    if (free) box.style.translate = `0 ${free}px`;
    taken.push(at(free || 0));
    if (box.classList.contains('mcomp')) {
      const cut = here.left < frame.left || here.right > frame.right || at(free || 0).bottom > frame.bottom;
      box.classList.toggle('hid', cut || free === undefined);
    }
  }
}

// Names that lie over each other help nobody: the larger shapes keep theirs.
export function thin(layers) {
  const taken = [];
  const sized = layers.map((layer) => [layer, layer.getBounds ? layer.getBounds() : null])
    .sort((a, b) => area(b[1]) - area(a[1]));
  for (const [layer] of sized) {
    const box = layer.getTooltip()?.getElement();
    if (!box) continue;
    box.classList.remove('hid');
    box.style.translate = '';
    const here = box.getBoundingClientRect();
    const hits = taken.some((each) => hit(here, each));
    box.classList.toggle('hid', hits);
    if (!hits) taken.push(here);
  }
}

function area(box) {
  return box ? (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth()) : 0;
}

// Buildings and compounds of what the screen shows, fetched when it is near enough and when it has moved.
export function places(map, el) {
  const layer = L.layerGroup().addTo(map);
  const say = words(el);
  let latest = 0;
  async function update() {
    const mine = ++latest;
    if (map.getZoom() < NEAR) return layer.clearLayers();
    let found;
    try {
      found = await read(el.dataset.places, { bbox: bounds(map), datum: el.dataset.datum });
    } catch {
      return undefined; // borders and tickets are drawn without them
    }
    if (mine !== latest) return undefined;
    layer.clearLayers();
    for (const each of found.features) {
      const [lng, lat] = each.geometry.coordinates;
      const { kind, name, households } = each.properties;
      if (kind === 'compound') {
        const icon = L.divIcon({ className: 'mcomp', html: label(name), iconSize: null });
        L.marker([lat, lng], { icon, interactive: false, keyboard: false, zIndexOffset: -2000 }).addTo(layer);
      } else {
        const icon = L.divIcon({ className: 'mbld', iconSize: [12, 12] });
        const note = households ? say('Homes', households) : '';
        L.marker([lat, lng], { icon, keyboard: false, zIndexOffset: -1000 }).bindTooltip(label(name, note), { direction: 'top' }).addTo(layer);
      }
    }
    sidestep(el);
    return undefined;
  }
  map.on('moveend', update);
  return update;
}

// 党员中心户: few, drawn at every distance, beside the building so that what is open there stays to be seen.
export function hubs(map, el) {
  const say = words(el);
  for (const { name, count, at } of JSON.parse(document.getElementById('hubs')?.textContent || '[]')) {
    if (!at) continue;
    const face = document.createElement('span');
    face.textContent = say('Hubmark');
    const icon = L.divIcon({ className: 'mhub', html: face, iconSize: [20, 20], iconAnchor: [-4, 22] });
    L.marker([at[1], at[0]], { icon, keyboard: false, zIndexOffset: -500 }).addTo(map)
      .bindTooltip(label(name, say('Hub', count)), { direction: 'top', offset: [14, -22] });
  }
}

export { L };
