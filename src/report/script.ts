/**
 * What a page can do beyond being read: search, a filter by verdict, keys. It reads the page and shows or hides parts of it; it writes
 * no markup, loads nothing and keeps nothing.
 */
export const SCRIPT = `
(() => {
  'use strict';
  const all = (selector) => [...document.querySelectorAll(selector)];
  const search = document.getElementById('search');
  const verdict = document.getElementById('verdict');
  const told = document.getElementById('told');
  const rows = all('[data-find]');
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  document.documentElement.classList.add('live');
  const apply = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const other = verdict.value !== '' && row.dataset.verdict !== undefined && row.dataset.verdict !== verdict.value;
      row.hidden = other || !words.every((word) => textOf(row).includes(word));
      if (!row.hidden) shown += 1;
    }
    told.textContent = words.length === 0 && verdict.value === '' ? '' : shown + ' of ' + rows.length + ' shown';
  };
  let due = 0;
  search.addEventListener('input', () => {
    clearTimeout(due);
    due = setTimeout(apply, 80);
  });
  verdict.addEventListener('change', apply);
  const step = (by) => {
    const stops = all('details.incident, tr[data-verdict]').filter((stop) => !stop.hidden);
    if (stops.length === 0) return;
    const at = stops.findIndex((stop) => stop.contains(document.activeElement));
    const next = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : Math.min(stops.length - 1, Math.max(0, at + by))];
    const target = next.querySelector('summary') ?? next;
    target.focus();
    next.scrollIntoView({ block: 'nearest' });
  };
  const KEYS = { '/': () => search.focus(), j: () => step(1), k: () => step(-1) };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && (search.value !== '' || verdict.value !== '')) {
      search.value = '';
      verdict.value = '';
      apply();
      return;
    }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target === null) return;
    target.hidden = false;
    for (let node = target; node !== null; node = node.parentElement) if (node.tagName === 'DETAILS') node.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', reveal);
  addEventListener('beforeprint', () => {
    for (const each of all('details')) each.open = true;
  });
  reveal();
})();
`;
