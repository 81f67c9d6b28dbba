import { type Authors, authorName } from '../timeline/authors.ts';
import { count, el } from './dom.ts';

/** Authors shown as buttons; the others are found with the filter. */
const SHOWN = 12;

/** How much each author did, in the colour of their changes; a button shows only that author's, and then all again. */
export function legend(
  authors: Authors,
  colourOf: (author: string) => string,
  chosen: string | null,
  choose: (author: string | null) => void,
): HTMLElement {
  const group = el('div', { class: 'legend', role: 'group', 'aria-label': 'Show what one person did' });
  const buttons = authors.slice(0, SHOWN).map(({ author, count: much }) => {
    const swatch = el('i', { 'aria-hidden': 'true' });
    swatch.style.background = `var(${colourOf(author)})`;
    const name = authorName(author);
    const one = el(
      'button',
      { type: 'button', 'aria-pressed': String(author === chosen) },
      swatch,
      name,
      ' ',
      el('small', {}, count(much)),
    );
    one.addEventListener('click', () => {
      const on = one.getAttribute('aria-pressed') !== 'true';
      for (const other of buttons) other.setAttribute('aria-pressed', 'false');
      one.setAttribute('aria-pressed', String(on));
      choose(on ? author : null);
    });
    return one;
  });
  group.append(...buttons);
  if (authors.length > SHOWN)
    group.append(el('small', {}, `and ${authors.length - SHOWN} more: filter by name`));
  return group;
}

const SHAPES: [mark: string, meaning: string][] = [
  ['▲', 'created'],
  ['◆', 'changed'],
  ['✕', 'deleted'],
  ['◇', 'nobody named'],
];

/** What the marks mean. */
export function shapes(): HTMLElement {
  return el(
    'p',
    { class: 'shapes' },
    ...SHAPES.flatMap(([mark, meaning]) => [el('b', { 'aria-hidden': 'true' }, mark), ` ${meaning} `]),
    el('i', { class: 'sample window', 'aria-hidden': 'true' }),
    ' when it happened ',
    el('i', { class: 'sample task', 'aria-hidden': 'true' }),
    ' task ',
    el('i', { class: 'sample failed', 'aria-hidden': 'true' }),
    ' failed task ',
    el('i', { class: 'sample off', 'aria-hidden': 'true' }),
    ' off or out of sight',
  );
}
