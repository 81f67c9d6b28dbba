import type { TimelineFacts } from '../facts.ts';
import { authorColours, authorName } from '../timeline/authors.ts';
import {
  type Filter,
  filterLanes,
  type Item,
  type Lane,
  readTimeline,
  type Timeline,
} from '../timeline/model.ts';
import { padded, timeText } from '../timeline/scale.ts';
import { Colours } from './colours.ts';
import { Details } from './details.ts';
import { button, count, el } from './dom.ts';
import { listen } from './gestures.ts';
import { legend, shapes } from './legend.ts';
import { Plot } from './plot.ts';

/** A filter that lets everything through. */
export function noFilter(): Filter {
  return { text: '', tasks: true, author: null };
}

/**
 * Shows a timeline with its controls inside `within`. `filter` is updated as the user changes it. Returns a function that drops
 * the cached colours, to be called after a switch between light and dark.
 */
export function showTimeline(within: HTMLElement, facts: TimelineFacts, filter = noFilter()): () => void {
  const timeline = readTimeline(facts, Date.now());
  if (timeline.items.length === 0) {
    within.replaceChildren(
      el('p', { class: 'empty' }, facts.hint ?? `Nothing is recorded for that time. ${beginning(timeline)}`),
    );
    return () => {};
  }
  const colours = new Colours();
  const known = authorColours(timeline.authors);
  const colourOf = (author: string) => known.get(author) ?? '--author-other';
  const time = timeText(timeline.zone);
  const plot = new Plot({
    bounds: padded(timeline.span),
    zone: timeline.zone,
    colours,
    colourOf,
    describe: item => describe(item, time),
    onSelect: (item, open) => {
      if (open || !details.element.hidden) details.show(item, open);
      within.classList.toggle('open', !details.element.hidden);
    },
  });
  listen(plot);
  const close = () => {
    details.element.hidden = true;
    within.classList.remove('open');
    plot.box.focus();
  };
  const details = new Details({ time, onClose: close, onStep: by => plot.step(by) });
  plot.box.addEventListener('keydown', event => {
    if (event.key === 'Escape' && !details.element.hidden) close();
  });
  const status = el('p', { class: 'status', role: 'status' });
  const show = () => {
    const lanes = filterLanes(timeline.lanes, filter);
    plot.show(lanes);
    status.textContent = summary(lanes, timeline, facts);
  };
  const isTyping = document.activeElement?.matches('input[type=search]') === true;
  within.replaceChildren(
    tools(timeline, plot, colourOf, { filter, show }),
    status,
    el('div', { class: 'stage' }, plot.element, details.element),
    shapes(),
  );
  if (isTyping) within.querySelector('input')?.focus();
  show();
  return () => {
    colours.forget();
    plot.redraw();
  };
}

function tools(
  { authors }: Timeline,
  plot: Plot,
  colourOf: (author: string) => string,
  { filter, show }: { filter: Filter; show: () => void },
): HTMLElement {
  const search = el('input', {
    type: 'search',
    placeholder: 'Filter: vm/101, memory, ann@pve …',
    'aria-label': 'Filter by resource, name, field, value or person',
  });
  search.value = filter.text;
  search.addEventListener('input', () => {
    filter.text = search.value;
    show();
  });
  const tasks = el('input', { type: 'checkbox' });
  tasks.checked = filter.tasks;
  tasks.addEventListener('change', () => {
    filter.tasks = tasks.checked;
    show();
  });
  const zoom = el(
    'div',
    { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
    button('Zoom out', '−', () => plot.zoomBy(2)),
    button('Zoom in', '+', () => plot.zoomBy(0.5)),
    button('Show all of the time', 'All', () => plot.zoomOut()),
  );
  const people = legend(authors, colourOf, filter.author, author => {
    filter.author = author;
    show();
  });
  return el('div', { class: 'tools' }, search, el('label', {}, tasks, ' tasks'), zoom, people);
}

/** A change or task in one line. */
function describe({ kind, resource, author, before, row }: Item, time: (at: number) => string): string {
  const what = kind === 'task' ? `${row.type ?? 'task'} ${row.status ?? ''}`.trim() : kind;
  const fields = (row.fields ?? []).slice(0, 4).map(({ path }) => path);
  const parts = [`${resource}${row.name === undefined ? '' : ` ${row.name}`}`, what];
  if (fields.length > 0) parts.push(fields.join(', '));
  return `${parts.join(' · ')} · ${authorName(author)} · ${time(before)}`;
}

function summary(
  lanes: readonly Lane[],
  { items, zone, span, start }: Timeline,
  { total = 0 }: TimelineFacts,
): string {
  const shown = lanes.flatMap(lane => lane.items);
  const tasks = shown.filter(({ kind }) => kind === 'task').length;
  const changes = shown.length - tasks;
  const summary = `${counted(changes, 'change')} and ${counted(tasks, 'task')} of ${counted(lanes.length, 'resource')}, times in ${zone}.`;
  const older = total - items.length;
  return [summary, older > 0 && `${count(older)} older ones are not shown.`, beginning({ zone, span, start })]
    .filter(Boolean)
    .join(' ');
}

/** A note on the time before history begins. */
function beginning({ zone, span, start }: Pick<Timeline, 'zone' | 'span' | 'start'>): string {
  return start > span.from ? `History starts ${timeText(zone)(start)}: before that nobody watched.` : '';
}

function counted(number: number, thing: string): string {
  return `${count(number)} ${thing}${number === 1 ? '' : 's'}`;
}
