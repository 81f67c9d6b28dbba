import type { UsageRow } from '../facts.ts';
import { type Chart, chartOf } from '../usage/chart.ts';
import { figure, placeOf, untilText } from '../usage/words.ts';
import { count, el } from './dom.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** One card per metric and resource: the line over time, the figures, and when it will be full. */
export function usageCards(rows: readonly UsageRow[], time: (at: number) => string): HTMLElement {
  if (rows.length === 0) return el('p', { class: 'empty' }, 'Nothing was recorded.');
  return el('div', { class: 'cards' }, ...rows.map(row => card(row, time)));
}

function card(row: UsageRow, time: (at: number) => string): HTMLElement {
  const { resource, metric, of, now, unit, capacity, cpus } = row;
  const whole =
    cpus !== undefined
      ? `of ${count(cpus)} ${cpus === 1 ? 'CPU' : 'CPUs'}`
      : capacity === undefined
        ? ''
        : `of ${figure(capacity, unit)}`;
  const until = untilText(row);
  return el(
    'article',
    { class: 'card', 'aria-label': `${metric} of ${resource}` },
    el('h3', {}, resource, el('span', {}, placeOf(row))),
    el('p', { class: 'quiet' }, of === undefined ? metric : `${metric}: ${of}`),
    el(
      'p',
      { class: 'now' },
      el('b', {}, now === undefined ? 'no reading' : figure(now, unit)),
      ' ',
      el('small', {}, whole),
    ),
    drawing(row, time),
    el('p', { class: 'quiet' }, figures(row)),
    until !== null && el('p', { class: until.soon ? 'until soon' : 'until' }, until.text),
  );
}

function figures({ min, median, p95, max, unit }: UsageRow): string {
  return `min ${min} · median ${median} · p95 ${p95} · max ${figure(max, unit)}`;
}

function drawing(row: UsageRow, time: (at: number) => string): HTMLElement {
  const chart = chartOf(row);
  // Only the points carry times; the other metrics are shown as a line of text.
  if (chart === null) return el('p', { class: 'spark', 'aria-hidden': 'true' }, row.sparkline ?? '');
  const label = `${row.metric} of ${row.resource} from ${time(chart.from)} to ${time(chart.to)}: ${figures(row)}`;
  const box = el('div', { class: 'chart', role: 'img', 'aria-label': label });
  const tip = el(
    'p',
    { class: 'quiet reading', 'aria-hidden': 'true' },
    `${time(chart.from)} – ${time(chart.to)}`,
  );
  box.append(lines(chart));
  box.addEventListener('pointermove', ({ clientX }) => {
    const { left, width } = box.getBoundingClientRect();
    const point = chart.points[Math.round(((clientX - left) / width) * (chart.points.length - 1))];
    if (point === undefined) return;
    tip.textContent = `${time(point.at)}: ${point.value === null ? 'not recorded' : figure(point.value, row.unit)}`;
  });
  box.addEventListener('pointerleave', () => {
    tip.textContent = `${time(chart.from)} – ${time(chart.to)}`;
  });
  return el('div', {}, box, tip);
}

/** Size of the drawing in its own units; it is stretched to fill the card. */
const [WIDE, HIGH] = [300, 60];

function lines({ runs, marks, top }: Chart): SVGSVGElement {
  const picture = part('svg', {
    viewBox: `0 0 ${WIDE} ${HIGH}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  const [x, y] = [
    (at: number) => (at * WIDE).toFixed(1),
    (value: number) => (HIGH - (value / top) * HIGH).toFixed(1),
  ];
  for (const value of marks)
    picture.append(part('line', { x1: 0, x2: WIDE, y1: y(value), y2: y(value), class: 'mark-line' }));
  for (const run of runs) {
    const path = run
      .map(({ x: at, value }, index) => `${index === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`)
      .join('');
    const [first, last] = [run[0]!, run.at(-1)!];
    picture.append(
      part('path', { d: `${path}L${x(last.x)} ${HIGH}L${x(first.x)} ${HIGH}Z`, class: 'area' }),
      // A single reading between two gaps is drawn as a dot.
      part('path', { d: run.length === 1 ? `${path}h0.01` : path, class: 'line' }),
    );
  }
  return picture;
}

function part<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: { [name: string]: string | number },
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
