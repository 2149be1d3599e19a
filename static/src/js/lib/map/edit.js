// Borders of a community's grids: corners are shared, so that one pull moves every line that meets there.
import { L, label, makeMap, words } from './draw.js';
import { shapesOf } from './shapes.js';

const DIGITS = 7; // a centimetre
const STEP = 8; // pixels one arrow key moves a corner

export function edit(el) {
  const form = el.closest('form');
  const box = form.querySelector('textarea[name=borders]');
  const say = words(el);
  const map = makeMap(el);
  const frame = L.featureGroup().addTo(map);
  for (const each of shapesOf()) {
    if (each.properties.kind === 'frame') L.geoJSON(each, { style: { className: 'ma up' }, interactive: false }).addTo(frame);
    else L.geoJSON(each, { pointToLayer: (one, at) => L.marker(at, { icon: L.divIcon({ className: 'mbld', iconSize: [12, 12] }), keyboard: false }).bindTooltip(label(one.properties.name), { direction: 'top' }) }).addTo(frame);
  }
  const all = L.featureGroup([...frame.getLayers(), drawnOf(box.value)]);
  // Corners are placed by pixels: the map needs its view before anything can be taken hold of.
  if (all.getBounds().isValid()) map.fitBounds(all.getBounds(), { padding: [20, 20] });
  else map.setView([34, 110], 8);
  let grids = [];
  let chosen = null;
  const handles = L.layerGroup().addTo(map);

  function load() {
    let found;
    try {
      found = JSON.parse(box.value);
    } catch {
      return; // what is typed is judged by the server
    }
    grids.forEach((grid) => grid.layer.remove());
    const known = new Map();
    grids = (found.features || []).filter((each) => /Polygon$/.test(each.geometry?.type)).map((each) => {
      const many = each.geometry.type === 'MultiPolygon' ? each.geometry.coordinates : [each.geometry.coordinates];
      // One object for each corner, whichever grids have it.
      const parts = many.map((rings) => rings.map((ring) => ring.slice(0, -1).map(([lng, lat]) => {
        const key = `${lng.toFixed(DIGITS)},${lat.toFixed(DIGITS)}`;
        if (!known.has(key)) known.set(key, { lng, lat });
        return known.get(key);
      })));
      const layer = L.polygon(parts.map((rings) => rings.map((ring) => ring.map((p) => [p.lat, p.lng]))), { className: 'ma picks' }).addTo(map);
      const name = each.properties.name || String(each.properties.id);
      layer.bindTooltip(label(name.startsWith(el.dataset.name) ? name.slice(el.dataset.name.length) || name : name), { permanent: true, direction: 'center', className: 'mname' });
      const grid = { id: each.properties.id, name: each.properties.name, type: each.geometry.type, parts, layer };
      layer.on('click', () => pick(grid.id));
      return grid;
    });
  }

  function draw() {
    for (const { parts, layer } of grids) layer.setLatLngs(parts.map((rings) => rings.map((ring) => ring.map((p) => [p.lat, p.lng]))));
  }

  function write() {
    const round = (value) => Number(value.toFixed(DIGITS));
    const features = grids.map(({ id, name, type, parts }) => {
      const many = parts.map((rings) => rings.map((ring) => [...ring, ring[0]].map((p) => [round(p.lng), round(p.lat)])));
      return { type: 'Feature', properties: { id, name }, geometry: type === 'MultiPolygon' ? { type, coordinates: many } : { type: 'Polygon', coordinates: many[0] } };
    });
    box.value = JSON.stringify({ type: 'FeatureCollection', features });
    el.dataset.changed = '1';
    // What was looked at is no longer what stands there.
    const save = form.querySelector('button[value=save]');
    if (save) save.disabled = true;
  }

  function rings() {
    return grids.flatMap((grid) => grid.parts.flat());
  }

  function pick(id, focus = null) {
    chosen = grids.find((grid) => grid.id === id) || null;
    for (const grid of grids) grid.layer.getElement()?.classList.toggle('own', grid === chosen);
    for (const button of form.querySelectorAll('[data-pick]')) button.setAttribute('aria-pressed', String(Number(button.dataset.pick) === id));
    handles.clearLayers();
    if (!chosen) return;
    for (const ring of chosen.parts.flat()) {
      ring.forEach((corner, place) => {
        const handle = corners(corner, id);
        if (corner === focus) setTimeout(() => handle.getElement()?.focus());
        middles(corner, ring[(place + 1) % ring.length], id);
      });
    }
  }

  function corners(corner, id) {
    const icon = L.divIcon({ className: 'mv', iconSize: [18, 18] });
    const handle = L.marker([corner.lat, corner.lng], { icon, draggable: true, alt: say('Point'), title: say('Point'), zIndexOffset: 1000 }).addTo(handles);
    const move = (at) => {
      corner.lat = at.lat;
      corner.lng = at.lng;
      draw();
    };
    handle.on('drag', () => move(handle.getLatLng()));
    handle.on('dragend', () => { write(); pick(id, corner); });
    handle.getElement().addEventListener('keydown', (event) => {
      const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
      if (way) {
        event.preventDefault();
        event.stopPropagation();
        const spot = map.latLngToLayerPoint([corner.lat, corner.lng]).add(L.point(way[0] * STEP, way[1] * STEP));
        move(map.layerPointToLatLng(spot));
        handle.setLatLng([corner.lat, corner.lng]);
        write();
      } else if (event.key === 'Delete' || event.key === 'Backspace') {
        event.preventDefault();
        take(corner);
        write();
        pick(id);
      }
    });
    return handle;
  }

  // A corner goes from every ring that has it, unless one would be left with less than a triangle.
  function take(corner) {
    const with_ = rings().filter((ring) => ring.includes(corner));
    if (with_.some((ring) => ring.length <= 3)) return;
    with_.forEach((ring) => ring.splice(ring.indexOf(corner), 1));
    draw();
  }

  function middles(one, other, id) {
    const at = { lat: (one.lat + other.lat) / 2, lng: (one.lng + other.lng) / 2 };
    const icon = L.divIcon({ className: 'mm', iconSize: [14, 14] });
    const handle = L.marker(at, { icon, alt: say('Middle'), title: say('Middle') }).addTo(handles);
    const add = () => {
      for (const ring of rings()) {
        ring.forEach((corner, place) => {
          const next = ring[(place + 1) % ring.length];
          if ((corner === one && next === other) || (corner === other && next === one)) ring.splice(place + 1, 0, at);
        });
      }
      draw();
      write();
      pick(id, at);
    };
    handle.on('click', add);
    handle.getElement().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      event.stopPropagation();
      add();
    });
  }

  for (const button of form.querySelectorAll('[data-pick]')) {
    button.addEventListener('click', () => pick(Number(button.dataset.pick)));
    button.disabled = false; // until now a tap would have been lost
  }
  box.addEventListener('change', load);
  load();
  return map;
}

function drawnOf(text) {
  try {
    return L.geoJSON(JSON.parse(text));
  } catch {
    return L.featureGroup();
  }
}
