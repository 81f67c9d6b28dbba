import type { ReportFacts } from '../facts.ts';
import { shortTimeText, timeText } from '../timeline/scale.ts';
import { count, el } from './dom.ts';
import { driftTable } from './drift.ts';
import { findingList } from './findings.ts';
import { showTimeline } from './show-timeline.ts';
import { followTheme } from './theme.ts';
import { usageCards } from './usage-cards.ts';

/*
 * The report: facts stand in the page as JSON, and everything is made of them as text.
 */

const facts = JSON.parse(document.getElementById('facts')!.textContent) as ReportFacts;
const main = document.querySelector('main')!;
const time = timeText(facts.time_zone);
const when = (text: string | undefined) => (text === undefined ? '' : time(Date.parse(text)));

const timeline = el('section', { class: 'timeline', 'aria-label': 'Timeline' });
main.replaceChildren(
  head(),
  ...warnings(),
  section('Timeline', timeline),
  ...(facts.usage === undefined
    ? []
    : [section('Usage', usageCards(facts.usage, shortTimeText(facts.time_zone)))]),
  section('What is wrong now', findingList(facts.findings, when)),
  ...(facts.drift === undefined
    ? []
    : [section('Drift from the declaration now', driftTable(facts.drift.rows, facts.drift.total))]),
);
document.title = `${facts.cluster ?? 'Proxmox VE'}, ${when(facts.from)} to ${when(facts.to)}`;
followTheme(showTimeline(timeline, { unseen: facts.unseen ?? [], ...facts.timeline }));

function head(): HTMLElement {
  const { cluster, from, to, made_at: made, as_of: seen, time_zone: zone, version } = facts;
  return el(
    'header',
    {},
    el('h1', {}, cluster ?? 'Proxmox VE cluster'),
    el('p', { class: 'span' }, `${when(from)} – ${when(to)}`),
    el(
      'p',
      { class: 'quiet' },
      `Seen ${when(seen ?? made)}, made ${when(made)} (${zone}) by proxmox-mpc ${version ?? ''}`,
    ),
    tiles(),
  );
}

function tiles(): HTMLElement {
  const { counts } = facts.findings;
  const { changes, failed_tasks: failed } = facts.timeline.counts ?? { changes: 0, failed_tasks: 0 };
  const drifted = facts.drift?.total;
  const tile = (number: number, name: string, tone = '') =>
    el('li', { class: number > 0 ? tone : '' }, el('b', {}, count(number)), ` ${name}`);
  return el(
    'ul',
    { class: 'tiles' },
    tile(changes, changes === 1 ? 'change' : 'changes'),
    tile(failed, failed === 1 ? 'failed task' : 'failed tasks', 'warning'),
    tile(counts['critical'] ?? 0, 'critical', 'critical'),
    tile(counts['warning'] ?? 0, 'warnings', 'warning'),
    drifted === undefined ? null : tile(drifted, 'drifted', 'warning'),
  );
}

function warnings(): HTMLElement[] {
  const { stale, unseen = [] } = facts;
  const said: string[] = [];
  if (stale !== undefined)
    said.push(`Proxmox could not be reached since ${when(stale.since)}: ${stale.reason ?? ''}`);
  for (const { what, reason } of unseen)
    said.push(`Not seen: ${what}${reason === undefined ? '' : `, ${reason}`}`);
  return said.length === 0 ? [] : [el('ul', { class: 'warnings' }, ...said.map(one => el('li', {}, one)))];
}

function section(title: string, ...children: HTMLElement[]): HTMLElement {
  return el('section', {}, el('h2', {}, title), ...children);
}
