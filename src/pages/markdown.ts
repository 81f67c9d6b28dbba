import type { FindingRow, HistoryRow, ReportFacts } from './facts.ts';
import { code, sentence } from './markdown-text.ts';
import { authorName, authorOf } from './timeline/authors.ts';
import { hasFailed, plain } from './timeline/model.ts';
import { figure, placeOf, untilText } from './usage/words.ts';

/** Identifies a file as one of our reports; invisible where Markdown is rendered. */
export const MARKDOWN_MARK = '<!-- proxmox-mpc report -->';

/** Rows per section: a ticket is read by people. */
const CHANGES = 40;
const TASKS = 10;
const DRIFTED = 20;
/** Resources named per check. */
const NAMED = 6;
/** Fields shown per change. */
const FIELDS = 3;
/** About the lowest length limit among trackers (characters). */
const AT_MOST = 30_000;

/** A report as Markdown for a ticket: the newest changes and the most urgent findings, and how many more there are. */
export function reportMarkdown(facts: ReportFacts): string {
  const parts = [
    head(facts),
    changes(facts),
    failedTasks(facts),
    findings(facts),
    filling(facts),
    drift(facts),
  ];
  const lines = parts.filter(part => part.length > 0).flatMap(part => [...part, '']);
  return within([MARKDOWN_MARK, '', ...lines]);
}

function within(lines: readonly string[]): string {
  let length = 0;
  const end = lines.findIndex(line => {
    length += line.length + 1;
    return length > AT_MOST;
  });
  return `${(end < 0 ? lines : [...lines.slice(0, end), '', '(cut here: too long for a ticket)']).join('\n').trim()}\n`;
}

function head(facts: ReportFacts): string[] {
  const {
    cluster,
    from,
    to,
    time_zone: zone,
    as_of: seen,
    stale,
    unseen = [],
    findings,
    drift,
    timeline,
  } = facts;
  const { changes = 0, failed_tasks: failed = 0 } = timeline.counts ?? {};
  const counts = [
    counted(changes, 'change'),
    counted(failed, 'failed task'),
    counted(findings.counts['critical'] ?? 0, 'critical finding'),
    counted(findings.counts['warning'] ?? 0, 'warning'),
    ...(drift === undefined ? [] : [`${drift.total} drifted`]),
  ];
  return [
    `# ${cluster === undefined ? 'Proxmox VE' : code(cluster)}: ${when(from)} to ${when(to)}`,
    '',
    `**${counts.join(', ')}**. Times in ${zone}${seen === undefined ? '' : `, seen ${when(seen)}`}.`,
    ...(startsLater(facts)
      ? ['', `> History starts ${when(timeline.history_starts_at)}: before that nobody watched.`]
      : []),
    ...(stale === undefined ? [] : ['', `> Proxmox could not be reached: ${sentence(stale.reason ?? '')}`]),
    ...unseen
      .slice(0, NAMED)
      .map(({ what, reason }) => `> Not seen: ${sentence(`${what}, ${reason ?? ''}`)}`),
  ];
}

/** Whether history begins only after the start of the requested time. */
function startsLater({ from, timeline: { history_starts_at: start } }: ReportFacts): boolean {
  return start !== undefined && Date.parse(start) > Date.parse(from);
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

function changes({ timeline }: ReportFacts): string[] {
  const all = (timeline.history ?? []).filter(({ task }) => task === undefined);
  if (all.length === 0) return ['## Changes', '', 'Nothing is recorded for that time.'];
  const rows = all.slice(0, CHANGES).map(row => [when(row.at), thing(row), changeText(row), whoOf(row)]);
  const total = timeline.counts?.changes ?? all.length;
  return ['## Changes', '', ...table(['When', 'What', 'Change', 'Who'], rows), ...more(total - rows.length)];
}

function changeText(row: HistoryRow): string {
  const fields = row.fields ?? [];
  const shown = fields
    .slice(0, FIELDS)
    .map(({ path, from, to }) => code(`${path}: ${plain(from)} → ${plain(to)}`, 80));
  const rest = fields.length - shown.length + (row.more_fields ?? 0);
  return [row.change ?? '', ...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(' ');
}

function whoOf(row: HistoryRow): string {
  const author = authorOf(row);
  const users = new Set((row.causes ?? []).flatMap(({ user }) => user ?? []));
  if (users.size > 1) return [...users].map(user => code(user)).join(', ');
  return author === '' ? authorName(author) : code(author);
}

function failedTasks({ timeline }: ReportFacts): string[] {
  const failed = (timeline.history ?? []).filter(hasFailed);
  if (failed.length === 0) return [];
  const rows = failed
    .slice(0, TASKS)
    .map(row => [
      when(row.at),
      thing(row),
      code(row.type ?? ''),
      code(row.status ?? '', 100),
      code(row.user ?? ''),
    ]);
  const total = timeline.counts?.failed_tasks ?? failed.length;
  const head = ['When', 'What', 'Task', 'Result', 'Who'];
  return ['## Failed tasks', '', ...table(head, rows), ...more(total - rows.length)];
}

function findings({ findings: { rows, total, silenced_total: silenced = 0 } }: ReportFacts): string[] {
  const pressing = rows.filter(({ severity }) => severity !== 'info');
  const checks = [...Map.groupBy(pressing, ({ check, severity }) => `${severity} ${check}`).values()];
  const rest = total - pressing.length;
  return [
    '## What is wrong now',
    '',
    ...(checks.length === 0 ? ['Nothing critical and no warning.'] : checks.map(finding)),
    ...(rest > 0 ? ['', `And ${rest} of less weight: \`proxmox-mpc check-health\`.`] : []),
    ...(silenced > 0 ? ['', `${silenced} accepted by somebody until a day are left out.`] : []),
  ];
}

function finding(found: FindingRow[]): string {
  const { check, severity, what, next } = found[0]!;
  const names = found
    .slice(0, NAMED)
    .map(({ resource, name }) => code(name === undefined ? resource : `${resource} ${name}`));
  const rest = found.length - names.length;
  const who = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const why = found.length === 1 ? `: ${sentence(what)}` : '';
  return `- **${severity}** ${check}: ${who}${why}${next === undefined ? '' : ` → ${sentence(next)}`}`;
}

/** Storages, fullest first: the only part of usage that tickets are opened for. */
function filling({ usage = [] }: ReportFacts): string[] {
  const storages = usage.filter(
    ({ metric, resource }) => metric === 'storage' && resource.startsWith('storage/'),
  );
  if (storages.length === 0) return [];
  const rows = storages
    .toSorted((a, b) => (b.now_percent ?? 0) - (a.now_percent ?? 0))
    .map(row => [
      code(`${row.resource}${placeOf(row)}`),
      row.now_percent === undefined ? 'no reading' : `${row.now_percent} %`,
      figure(row.capacity, row.unit),
      sentence(untilText(row)?.text ?? ''),
    ]);
  return ['## How full storages are', '', ...table(['Storage', 'Used', 'Size', 'Full'], rows)];
}

function drift({ drift }: ReportFacts): string[] {
  if (drift === undefined) return [];
  const lines = drift.rows.flatMap(row =>
    (row.fields ?? [{ path: '', from: null, to: null, state: row.change ?? '' }]).map(
      ({ path, from, to, state }) => [
        thing(row),
        code(path),
        code(plain(from), 60),
        code(plain(to), 60),
        state ?? row.change ?? '',
      ],
    ),
  );
  const rows = lines.slice(0, DRIFTED);
  const head = ['What', 'Field', 'Declared', 'Is', 'State'];
  const found = rows.length === 0 ? ['Nothing was seen to differ.'] : table(head, rows);
  return ['## Drift from the declaration now', '', ...found, ...more(lines.length - rows.length)];
}

function thing({ resource, plan, name }: HistoryRow): string {
  if (resource === undefined) return code(plan === undefined ? 'declaration' : `plan ${plan}`);
  return code(name === undefined ? resource : `${resource} ${name}`);
}

function table(headings: readonly string[], rows: readonly string[][]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)];
}

function more(rest: number): string[] {
  return rest > 0 ? ['', `And ${rest} more.`] : [];
}

/** A time to the minute in its own offset, which is left out: the heading names the zone. */
function when(time: string | undefined): string {
  return (time ?? '').slice(0, 16).replace('T', ' ');
}
