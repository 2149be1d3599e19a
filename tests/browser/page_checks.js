// What the walk over every page asks of a page, in the page itself. Evaluated once; kept as window.pageChecks.
window.pageChecks = (() => {
  const INTERACTIVE =
    'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, iframe, audio[controls], ' +
    'video[controls], [contenteditable=true], [tabindex], [role=button], [role=link], [role=tab], [role=checkbox], [role=menuitem]';

  const shown = (node) => {
    if (!node.checkVisibility({ visibilityProperty: true })) return false;
    if (node.closest('[inert], [aria-hidden=true]')) return false;
    const folded = node.closest('details:not([open])');
    if (folded && !(node.matches('summary') && node.parentElement === folded)) return false;
    return node.getClientRects().length > 0;
  };

  const nth = (node) => {
    const kin = [...node.parentElement.children].filter((other) => other.tagName === node.tagName);
    return kin.length > 1 ? `:nth-of-type(${kin.indexOf(node) + 1})` : '';
  };

  // A selector short enough to read and long enough to find it again.
  const path = (node) => {
    const parts = [];
    for (let at = node; at && at !== document.documentElement && parts.length < 4; at = at.parentElement) {
      if (at.id) {
        parts.unshift(`#${at.id}`);
        break;
      }
      const classes = [...at.classList].slice(0, 2).map((name) => `.${name}`).join('');
      parts.unshift(at.tagName.toLowerCase() + (at.getAttribute('name') ? `[name=${at.getAttribute('name')}]` : '') + classes + (at === node ? nth(at) : ''));
    }
    return parts.join(' > ');
  };

  const tabStops = () => {
    const groups = new Set();
    return [...document.querySelectorAll(INTERACTIVE)].filter((node) => {
      if (!shown(node) || node.disabled || node.matches(':disabled')) return false;
      if (node.matches('[tabindex="-1"]') && !node.matches('a, button, input, select, textarea, summary')) return false;
      if (node.type === 'radio') {
        // One stop a group: arrows move inside it.
        const group = `${node.name}@${[...document.forms].indexOf(node.form)}`;
        if (groups.has(group)) return false;
        groups.add(group);
      }
      return true;
    });
  };

  const sameStop = (one, other) => one === other || (one.type === 'radio' && other.type === 'radio' && one.name === other.name && one.form === other.form);

  const LOOKS = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderTopColor', 'borderTopWidth', 'backgroundColor', 'color', 'textDecorationLine', 'opacity', 'clipPath', 'transform'];
  // Where the focus of a node may be seen: itself, what stands for it, what surrounds it.
  const seats = (node) => [node, node.parentElement, node.parentElement?.parentElement, node.nextElementSibling, ...(node.labels || [])].filter(Boolean);
  const look = (node) => seats(node).map((seat) => {
    const style = getComputedStyle(seat);
    return LOOKS.map((name) => (name.startsWith('outline') && style.outlineStyle === 'none' ? '' : style[name])).join(';');
  });

  let visited = [];
  let atRest = new Map();
  let unseen = new Set();

  // Before the Tab key is pressed: what must be reached, and how it looks without the focus.
  const startTabbing = () => {
    // From the very beginning of the page, whatever it gave the focus to.
    document.body.tabIndex = -1;
    document.body.focus();
    window.scrollTo(0, 0);
    visited = [];
    unseen = new Set();
    const stops = tabStops();
    atRest = new Map(stops.map((node) => [node, look(node)]));
    document.addEventListener('focusin', remember, true);
    return stops.length;
  };

  const left = () => [...atRest.keys()].filter((node) => node.isConnected && shown(node) && !visited.some((seen) => sameStop(seen, node)));

  const remember = (event) => {
    const node = event.target;
    visited.push(node);
    const before = atRest.get(node);
    if (before && look(node).join('|') === before.join('|')) unseen.add(node);
    else unseen.delete(node);
  };

  // After it: what was not reached, has no visible focus, or came out of order.
  const endTabbing = () => {
    document.removeEventListener('focusin', remember, true);
    document.activeElement?.blur();
    document.body.removeAttribute('tabindex');
    const found = [];
    for (const node of left()) found.push(`not reached by Tab: ${path(node)}`);
    for (const node of unseen) found.push(`no visible focus: ${path(node)}`);
    const order = visited.filter((node) => atRest.has(node));
    for (let i = 1; i < order.length; i += 1) {
      const wrapped = order.indexOf(order[i]) < i;
      if (!wrapped && order[i - 1].compareDocumentPosition(order[i]) & Node.DOCUMENT_POSITION_PRECEDING && order[i].type !== 'radio') {
        found.push(`out of order: ${path(order[i])} after ${path(order[i - 1])}`);
      }
    }
    for (const node of document.querySelectorAll('[tabindex]')) {
      if (node.getAttribute('tabindex') > 0) found.push(`tabindex above 0: ${path(node)}`);
    }
    const skip = document.querySelector('a.skip');
    if (!skip || !document.querySelector(skip.getAttribute('href'))?.matches('main')) found.push('no skip link to <main>');
    else if (visited.length && visited[0] !== skip) found.push(`the first stop is not the skip link: ${path(visited[0])}`);
    return found;
  };

  const ownText = (node) => [...node.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.data).join(' ').trim();

  // Nothing is cut: the page does not scroll sideways, and no text runs out of a box that hides it.
  const cut = () => {
    const found = [];
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width + 1) {
      const wide = [...document.body.querySelectorAll('*')].filter((node) => {
        const box = node.getBoundingClientRect();
        if (box.right + window.scrollX <= width + 1 || !node.checkVisibility()) return false;
        for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
          if (getComputedStyle(at).overflowX !== 'visible') return false;
        }
        return true;
      });
      found.push(`scrolls sideways (${document.documentElement.scrollWidth} > ${width}): ${wide.slice(0, 3).map(path).join(' ; ')}`);
    }
    for (const node of document.body.querySelectorAll('*')) {
      if (!ownText(node) || !shown(node) || node.closest('.sr, .skip, [data-map], .leaflet-container')) continue;
      const style = getComputedStyle(node);
      if (['hidden', 'clip'].includes(style.overflowX) && style.textOverflow !== 'ellipsis' && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1) {
        found.push(`text cut: ${path(node)}`);
      }
      if (style.overflowY === 'hidden' && style.webkitLineClamp === 'none' && node.scrollHeight > node.clientHeight + 2 && node.clientHeight > 1) {
        found.push(`text cut below: ${path(node)}`);
      }
    }
    return found;
  };

  // Nothing lies over what one must hit.
  const covered = () => {
    const found = [];
    document.activeElement?.blur();
    for (const node of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
      if (!shown(node) || node.closest('.leaflet-container') || node.matches('.skip') || getComputedStyle(node).pointerEvents === 'none') continue;
      node.scrollIntoView({ block: 'center', inline: 'center' });
      const [box] = node.getClientRects();
      if (box.width < 4 || box.height < 4) continue;
      const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!hit || hit === node || node.contains(hit) || hit.contains(node)) continue;
      const label = hit.closest('label');
      if (label && (label.control === node || label.contains(node))) continue;
      found.push(`${path(node)} lies under ${path(hit)}`);
    }
    window.scrollTo(0, 0);
    return found;
  };

  // Words in Latin letters that a reader of Chinese would meet, by eye or by ear.
  const latin = () => {
    const found = new Set();
    const take = (text) => (text.match(/[A-Za-z][A-Za-z_.-]*[A-Za-z]/g) || []).forEach((word) => found.add(word));
    const skipped = 'script, style, noscript, template, code, kbd, samp, pre, [translate=no], [lang=en]';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const holder = walker.currentNode.parentElement;
      if (holder && !holder.closest(skipped)) take(walker.currentNode.data);
    }
    take(document.title);
    for (const name of ['aria-label', 'title', 'alt', 'placeholder']) {
      document.querySelectorAll(`[${name}]`).forEach((node) => { if (!node.closest(skipped)) take(node.getAttribute(name)); });
    }
    document.querySelectorAll('input[type=submit], input[type=button]').forEach((node) => take(node.value));
    return [...found];
  };

  // 长辈版 (standards B.8): main text at least 18 px, targets at least 60 px in their smaller direction or in height.
  const elder = () => {
    const found = [];
    for (const node of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
      if (!shown(node) || node.matches('.skip') || node.closest('.leaflet-container')) continue;
      const target = ['checkbox', 'radio', 'file'].includes(node.type) ? node.closest('label') || node.labels?.[0] || node : node;
      const box = target.getBoundingClientRect();
      // A link inside a sentence is text; WCAG 2.5.8 excepts it too.
      if (getComputedStyle(target).display === 'inline' && target.closest('p, li, dd, td, small')) continue;
      if (box.height < 59.5) found.push(`target ${Math.round(box.width)}×${Math.round(box.height)}: ${path(target)}`);
    }
    for (const node of document.body.querySelectorAll('*')) {
      if (!ownText(node) || !shown(node) || node.closest('.sr, .skip, .leaflet-container, option')) continue;
      const size = parseFloat(getComputedStyle(node).fontSize);
      if (size < 17.9) found.push(`text of ${size} px: ${path(node)}`);
    }
    return [...new Set(found)];
  };

  const modes = () => ['elder', 'theme', 'sun'].filter((name) => document.querySelector(`[data-mode="${name}"]`));

  return { startTabbing, tabsLeft: () => left().length, endTabbing, cut, covered, latin, elder, modes };
})();
