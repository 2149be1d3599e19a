// The map beside a list: areas coloured by what is open in them, tickets in heaps, a way deeper by a click.
import { L, bounds, hubs, label, makeMap, places, read, sidestep, thin, words } from './draw.js';

export async function overview(el) {
  const data = el.dataset;
  const say = words(el);
  const map = makeMap(el);
  const rows = new Map([...document.querySelectorAll('[data-area]')].map((row) => [Number(row.dataset.area), row]));
  let found;
  try {
    found = await read(data.areas, { within: data.within, datum: data.datum });
  } catch {
    return note(el, say('Failed'));
  }
  const layers = [];
  const names = [];
  let frame = null;
  const drawn = L.geoJSON(found, {
    style: (each) => ({ className: style(each.properties, rows, 'leaf' in data) }),
    onEachFeature(each, layer) {
      const { id, name, is_frame: isFrame } = each.properties;
      if (isFrame) frame = layer;
      const row = rows.get(id);
      if (isFrame && !('leaf' in data)) return;
      // Every name begins with that of the area around: it stands in the heading already. High up, where heaps are few.
      const short = name.startsWith(data.name || '\0') ? name.slice(data.name.length) || name : name;
      layer.bindTooltip(label(short), { permanent: true, direction: 'center', className: 'mname' });
      const box = layer.getBounds();
      names.push(() => layer.openTooltip([box.getNorth() - (box.getNorth() - box.getSouth()) * 0.2, box.getCenter().lng]));
      layers.push(layer);
      if (row && data.go) {
        layer.on('click', () => { location.href = row.querySelector('a').href; });
        pair(row, layer);
      } else if (data.go && !isFrame) {
        layer.on('click', () => { location.href = `${data.go}?area=${id}`; });
      }
    },
  }).addTo(map);
  if (!layers.length && !frame) {
    note(el, say('Borderless'));
    map.setView([34, 110], 8);
  } else {
    map.fitBounds((frame || drawn).getBounds(), { padding: [16, 16] });
  }
  frame?.bringToBack();
  names.forEach((show) => show());
  const arrange = () => {
    thin(layers);
    sidestep(el);
  };
  map.on('zoomend', arrange);
  arrange();
  const refresh = [places(map, el)];
  if (data.tickets) refresh.push(tickets(map, el));
  refresh.forEach((each) => each());
  hubs(map, el);
  if (data.locate) locate(map, el);
  return map;
}

function style({ id, is_frame: isFrame }, rows, isLeaf) {
  if (isFrame) return isLeaf ? 'ma own' : 'ma up';
  const row = rows.get(id);
  if (!row) return 'ma near';
  return Number(row.dataset.over) ? 'ma late go' : Number(row.dataset.open) ? 'ma some go' : 'ma go';
}

// Pointing at a row shows its area, pointing at an area its row.
function pair(row, layer) {
  const mark = (on) => {
    row.classList.toggle('on', on);
    layer.getElement()?.classList.toggle('on', on);
  };
  for (const [node, on, off] of [[row, 'mouseenter', 'mouseleave'], [row, 'focusin', 'focusout']]) {
    node.addEventListener(on, () => mark(true));
    node.addEventListener(off, () => mark(false));
  }
  layer.on('mouseover', () => mark(true)).on('mouseout', () => mark(false));
}

function tickets(map, el) {
  const data = el.dataset;
  const say = words(el);
  const layer = L.layerGroup().addTo(map);
  let latest = 0;
  return hook(map, async () => {
    const mine = ++latest;
    let found;
    try {
      found = await read(data.tickets, { bbox: bounds(map), zoom: Math.round(map.getZoom()), queue: data.queue, datum: data.datum });
    } catch {
      return note(el, say('Failed'));
    }
    if (mine !== latest) return undefined;
    layer.clearLayers();
    for (const each of found.features) heap(map, el, each).addTo(layer);
    sidestep(el);
    return undefined;
  });
}

function hook(map, update) {
  map.on('moveend', update);
  return update;
}

function heap(map, el, each) {
  const say = words(el);
  const [lng, lat] = each.geometry.coordinates;
  const { count, over, soon, tickets: named } = each.properties;
  const state = over ? 'over' : soon ? 'soon' : 'doing';
  const size = count > 999 ? 46 : count > 99 ? 40 : count > 9 ? 34 : 28;
  const face = document.createElement('span');
  face.textContent = count > 1 ? count : '';
  const icon = L.divIcon({ className: `mk ${state}${count > 1 ? ' many' : ''}`, html: face, iconSize: [size, size] });
  const told = named.length === 1 && count === 1 ? named[0].title : say('Count', count) + (over ? `，${say('Over', over)}` : '');
  const marker = L.marker([lat, lng], { icon, title: told, alt: told });
  marker.on('click keypress', (event) => {
    if (event.type === 'keypress' && event.originalEvent.key !== 'Enter') return;
    if (named.length && (count <= 8 || map.getZoom() >= 19)) open(map, [lat, lng], el, named, count);
    else map.setView([lat, lng], Math.min(map.getZoom() + 2, 20));
  });
  return marker;
}

function open(map, at, el, named, count) {
  const list = document.createElement('ul');
  list.className = 'mpop';
  for (const each of named) {
    const link = document.createElement('a');
    link.href = `${el.dataset.ticket}t/${each.number}/`;
    link.textContent = each.title;
    const lamp = document.createElement('i');
    lamp.className = `lamp ${each.state}`;
    const row = document.createElement('li');
    row.append(lamp, link);
    list.append(row);
  }
  if (count > named.length) {
    const more = document.createElement('li');
    more.textContent = words(el)('More', count - named.length);
    list.append(more);
  }
  // On its own and not the marker's: moving the map fetches markers anew.
  L.popup({ maxWidth: 280, className: 'mpopup', offset: [0, -8] }).setLatLng(at).setContent(list).openOn(map);
  list.querySelector('a')?.focus({ preventScroll: true });
}

// One position, asked for by a tap, drawn here and sent nowhere.
function locate(map, el) {
  const control = L.control({ position: 'topright' });
  control.onAdd = () => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn-g sm mlocate';
    button.textContent = el.dataset.locate;
    L.DomEvent.disableClickPropagation(button);
    button.addEventListener('click', () => navigator.geolocation?.getCurrentPosition((at) => {
      const here = [at.coords.latitude, at.coords.longitude];
      L.circleMarker(here, { radius: 8, className: 'mme' }).addTo(map);
      map.setView(here, Math.max(map.getZoom(), 17));
    }, () => note(el, el.dataset.unlocated)));
    return button;
  };
  control.addTo(map);
}

export function note(el, text) {
  let box = el.parentElement.querySelector('.mnote');
  if (!box) {
    box = document.createElement('p');
    box.className = 'mnote';
    box.setAttribute('role', 'status');
    el.after(box);
  }
  box.textContent = text;
}
