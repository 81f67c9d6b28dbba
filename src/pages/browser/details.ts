import type { FieldRow } from '../facts.ts';
import { authorName } from '../timeline/authors.ts';
import { type Item, plain } from '../timeline/model.ts';
import { lengthText } from '../timeline/scale.ts';
import { button, count, el } from './dom.ts';

/** What the details panel needs. */
export interface DetailsOptions {
  /** Formats a moment. */
  time: (at: number) => string;
  onClose: () => void;
  onStep: (by: number) => void;
}

/** The panel with everything about one change or task. */
export class Details {
  readonly element = el('section', { class: 'details', 'aria-label': 'Details', hidden: true });
  readonly #options: DetailsOptions;

  constructor(options: DetailsOptions) {
    this.#options = options;
    this.element.addEventListener('keydown', event => {
      if (event.key === 'Escape') options.onClose();
    });
  }

  /** Shows an item; with `focus`, moves the keyboard focus there. */
  show(item: Item, focus: boolean): void {
    const { onClose, onStep } = this.#options;
    const heading = el(
      'h3',
      { tabindex: -1 },
      item.resource,
      item.row.name !== undefined && el('span', {}, ` ${item.row.name}`),
    );
    const kind = item.kind === 'task' ? (item.row.type ?? 'task') : item.kind;
    this.element.replaceChildren(
      el(
        'div',
        { class: 'details-top' },
        el('span', { class: `kind kind-${item.kind}` }, kind),
        heading,
        el(
          'div',
          { class: 'details-buttons' },
          button('Earlier in this lane', '←', () => onStep(-1)),
          button('Later in this lane', '→', () => onStep(1)),
          button('Close details', '✕', onClose),
        ),
      ),
      this.#facts(item),
      ...fields(item),
    );
    this.element.hidden = false;
    if (focus) heading.focus({ preventScroll: true });
  }

  #facts(item: Item): HTMLElement {
    const { time } = this.#options;
    const { after, before, row } = item;
    const list = el('dl');
    const add = (name: string, ...values: (Node | string)[]) =>
      list.append(el('dt', {}, name), el('dd', {}, ...values));
    if (item.kind === 'task') {
      add('Started', time(after));
      if (row.until !== undefined) add('Ended', `${time(before)}, after ${lengthText(before - after)}`);
      if (row.status !== undefined) add('Result', row.status);
    } else if (after === before) add('Seen', time(before));
    else add('Between', `${time(after)} and`, el('br'), `${time(before)} (${lengthText(before - after)})`);
    add('Who', authorName(item.author));
    for (const { type, user, status, source } of row.causes ?? [])
      add(
        'By',
        [type, user && `of ${user}`, status && `(${status})`, source === 'log' && 'as the log says']
          .filter(Boolean)
          .join(' '),
      );
    if (row.why_unknown !== undefined) add('Why unknown', row.why_unknown);
    if (row.why !== undefined) add('Why', row.why);
    if (row.node !== undefined) add('Node', row.node);
    if (row.task !== undefined) add('Task', el('code', {}, row.task));
    return list;
  }
}

function fields({ row }: Item): HTMLElement[] {
  const rows = row.fields ?? [];
  if (rows.length === 0) return [];
  const states = rows.some(({ state }) => state !== undefined);
  const head = ['Field', 'Before', 'After', ...(states ? ['State'] : [])];
  const table = el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...head.map(one => el('th', { scope: 'col' }, one)))),
    el('tbody', {}, ...rows.map(field => fieldRow(field, states))),
  );
  const more =
    row.more_fields === undefined ? [] : [el('p', {}, `and ${count(row.more_fields)} more fields`)];
  return [el('div', { class: 'scroll' }, table), ...more];
}

function fieldRow({ path, from, to, state }: FieldRow, states: boolean): HTMLElement {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, path),
    el('td', { class: 'was' }, plain(from)),
    el('td', { class: 'is' }, plain(to)),
    states && el('td', {}, state ?? ''),
  );
}
