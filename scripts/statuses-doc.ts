import {
  GUEST_STATUSES,
  HA_STATES,
  LOCKS,
  NODE_STATUSES,
  STORAGE_STATUSES,
  type Trouble,
} from '../src/model/status.ts';

/** docs/statuses.md from the tables: what each word means, what finds it, and what to do about it. */
export function statusesMarkdown(): string {
  const guests = Object.entries(GUEST_STATUSES).map(([word, { called, process, passing, trouble }]) => [
    `\`${word}\``,
    called === word ? '' : `\`${called}\``,
    process ? 'yes' : 'no',
    passing ? 'passes by itself: shown as it was before' : needs(trouble),
  ]);
  const others = [
    ...Object.entries(HA_STATES).map(([word, { trouble }]) => ['`ha`', `\`${word}\``, needs(trouble)]),
    ...Object.entries(LOCKS).map(([word, { trouble }]) => ['`lock`', `\`${word}\``, needs(trouble)]),
  ];
  return [
    '# Statuses',
    '',
    '<!-- Generated from src/model/status.ts by `npm run docs`. Do not edit. -->',
    '',
    'The `status` filter of guest lists takes Proxmox VE’s own word, or what people call it. What has a process has its',
    'memory and processors counted as allocated. A VM that is stopped with the lock `suspended` lies on disk: it is shown as',
    '`suspended`, and has no process. A word that is not listed here is shown as it is and found as `other`.',
    '',
    '| guest is | also found as | has a process | needs attention |',
    '| --- | --- | --- | --- |',
    ...guests.map(row),
    '',
    '| field | value | needs attention |',
    '| --- | --- | --- |',
    ...others.map(row),
    '',
    `Nodes are ${list(NODE_STATUSES)}; storages ${list(STORAGE_STATUSES)}.`,
    '',
  ].join('\n');
}

function needs(trouble: Trouble | undefined): string {
  return trouble === undefined ? '' : `${trouble.why}: ${trouble.next}`;
}

function row(cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function list(words: readonly string[]): string {
  return words.map(word => `\`${word}\``).join(', ');
}
