import type { HistoryRow } from '../facts.ts';
import { plain } from '../timeline/model.ts';
import { count, el } from './dom.ts';

/** The differences from the declaration, a line per field; if there are none, `none` says what that means. */
export function driftTable(
  rows: readonly HistoryRow[],
  total: number,
  none = 'Nothing was seen to differ.',
): HTMLElement {
  if (rows.length === 0) return el('p', { class: 'empty' }, none);
  const lines = rows.flatMap(({ resource = '', name, change, fields }) =>
    (fields ?? [{ path: '', from: null, to: null }]).map(({ path, from, to, state }) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, resource, name !== undefined && ` ${name}`),
        el('td', {}, path),
        el('td', { class: 'was' }, plain(from)),
        el('td', { class: 'is' }, plain(to)),
        el('td', {}, state ?? change ?? ''),
      ),
    ),
  );
  const more = total - rows.length;
  return el(
    'div',
    { class: 'scroll' },
    table(['Resource', 'Field', 'Declared', 'Is', 'State'], lines),
    more > 0 && el('p', { class: 'quiet' }, `and ${count(more)} more: proxmox-mpc drift`),
  );
}

/** A table with these headings. */
export function table(headings: readonly string[], lines: readonly HTMLElement[]): HTMLTableElement {
  const head = el('tr', {}, ...headings.map(one => el('th', { scope: 'col' }, one)));
  return el('table', {}, el('thead', {}, head), el('tbody', {}, ...lines));
}
