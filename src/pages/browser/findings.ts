import type { FindingRow, ReportFacts } from '../facts.ts';
import { count, el } from './dom.ts';

/** A check with at most this many findings is shown open. */
const OPEN = 3;

/** The findings, a block per check, in the order given, the most severe first. */
export function findingList(
  { rows, total, silenced_total: silenced = 0 }: ReportFacts['findings'],
  when: (text: string) => string,
): HTMLElement {
  const left = silenced === 0 ? '' : `${count(silenced)} accepted by somebody until a day: left out here.`;
  if (rows.length === 0) return el('p', { class: 'empty' }, `Nothing was found. ${left}`);
  const checks = [...Map.groupBy(rows, ({ check, severity }) => `${severity} ${check}`).values()];
  const list = el('div', { class: 'findings' }, ...checks.map(found => block(found, when)));
  const more = total - rows.length;
  if (more > 0) list.append(el('p', { class: 'quiet' }, `and ${count(more)} more: proxmox-mpc check-health`));
  if (left !== '') list.append(el('p', { class: 'quiet' }, left));
  return list;
}

function block(found: FindingRow[], when: (text: string) => string): HTMLElement {
  const { check, severity } = found[0]!;
  const title = el(
    'summary',
    {},
    el('span', { class: `severity ${severity}` }, severity),
    el('b', {}, check),
    el(
      'span',
      { class: 'quiet' },
      found.length === 1 ? found[0]!.resource : `${count(found.length)} resources`,
    ),
  );
  const steps = new Set(found.map(({ next }) => next));
  const shared = steps.size === 1 ? [...steps][0] : undefined;
  return el(
    'details',
    { open: found.length <= OPEN },
    title,
    el('ul', {}, ...found.map(one => line(one, shared, when))),
    shared !== undefined && el('p', { class: 'next' }, shared),
  );
}

function line(
  { resource, name, what, since, next }: FindingRow,
  shared: string | undefined,
  when: (text: string) => string,
): HTMLElement {
  return el(
    'li',
    {},
    el('b', {}, resource),
    name !== undefined && ` ${name}`,
    ` ${what}`,
    since !== undefined && el('span', { class: 'quiet' }, ` since ${when(since)}`),
    next !== undefined && next !== shared && el('span', { class: 'quiet' }, ` → ${next}`),
  );
}
