import { expect } from 'vitest';
import type { TruthGuest } from '../../../src/simulator/index.ts';
import { type Family, question } from '../question.ts';
import { keyOf } from '../stage.ts';

const rowsOf = ({ columns, rows }: { columns: string[]; rows: unknown[][] }) =>
  rows.map(row => Object.fromEntries(columns.map((column, at) => [column, row[at]])));
const pairs = (answer: { rows: unknown[][] }) => Object.fromEntries(answer.rows as [string, unknown][]);

/** Sums of a number by a word, over guests. */
function sumBy(guests: TruthGuest[], by: (guest: TruthGuest) => string, of: (guest: TruthGuest) => number) {
  const sums: { [word: string]: number } = {};
  for (const guest of guests) sums[by(guest)] = (sums[by(guest)] ?? 0) + of(guest);
  return sums;
}

const disksOf = ({ config }: TruthGuest) =>
  Object.entries(config).flatMap(([key, value]) => {
    const text = String(value);
    const isDisk = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|rootfs|mp)\d*$/.test(key) && text.includes(':');
    if (!isDisk || text.includes('media=cdrom')) return [];
    const [, size, unit] = /size=(\d+)([MG])/.exec(text) ?? [];
    return [{ key, storage: text.split(':')[0]!, gib: Number(size ?? 0) / (unit === 'M' ? 1024 : 1) }];
  });

/** What no list tells: sums, joins and orders of one's own. */
export const sums: Family = {
  title: 'Sums and reports',
  questions: [
    question({
      ask: 'How much memory did I give the running guests on each node?',
      calls: [
        [
          'query_sql',
          {
            sql: "select node, sum(memory_mib) as mib from guests where status = 'running' group by node order by node",
          },
        ],
      ],
      tells: 'A sum for each node.',
      check: ([answer], { guests }) => {
        const running = guests.filter(one => one.status === 'running');
        expect(pairs(answer)).toEqual(
          sumBy(
            running,
            one => one.node,
            one => Number(one.config['memory']),
          ),
        );
      },
    }),
    question({
      ask: 'Which VLANs are in use, and by how many guests?',
      calls: [
        [
          'query_sql',
          { sql: 'select vlan, count(*) as guests from nics where vlan is not null group by vlan' },
        ],
      ],
      tells: 'Each VLAN with the number of network cards in it.',
      check: ([answer], { guests }) => {
        const tagged = guests.flatMap(one => /tag=(\d+)/.exec(String(one.config['net0']))?.[1] ?? []);
        const counts: { [vlan: string]: number } = {};
        for (const vlan of tagged) counts[vlan] = (counts[vlan] ?? 0) + 1;
        expect(pairs(answer)).toEqual(counts);
      },
    }),
    question({
      ask: 'How much disk space is promised on each storage?',
      calls: [
        [
          'query_sql',
          {
            sql: 'select storage, round(sum(size_gib)) as gib from disks where cdrom = 0 group by storage',
          },
        ],
      ],
      tells: 'The sum of the sizes of all disks, by storage.',
      check: ([answer], { guests }) => {
        const sizes: { [storage: string]: number } = {};
        for (const { storage, gib } of guests.flatMap(disksOf)) sizes[storage] = (sizes[storage] ?? 0) + gib;
        for (const [storage, gib] of Object.entries(pairs(answer)))
          expect(Math.abs(Number(gib) - (sizes[storage] ?? -9)), storage).toBeLessThan(1);
        expect(Object.keys(pairs(answer)).sort()).toEqual(Object.keys(sizes).sort());
      },
    }),
    question({
      ask: 'Which guests have more than one disk?',
      calls: [['list_guests', { where: ['disks>1'], show: ['disks'] }]],
      tells: 'Those guests with each of their disks; CD-ROM drives are none.',
      check: ([answer], { guests }) => {
        const several = guests.filter(one => disksOf(one).length > 1).map(keyOf);
        expect(answer.guests.map(one => one.resource).sort()).toEqual(several.sort());
        for (const row of answer.guests) expect(row.disks.length).toBeGreaterThan(1);
      },
    }),
    question({
      ask: 'When does which backup job run, and where does it store?',
      calls: [
        [
          'query_sql',
          { sql: 'select id, enabled, schedule, storage, selection, next_run_at from backup_jobs' },
        ],
      ],
      tells: 'Each job with its schedule, its storage, whom it backs up and its next run.',
      check: ([answer]) => {
        const [job, ...others] = rowsOf(answer);
        expect(others).toEqual([]);
        expect(job).toMatchObject({ id: 'backup-nightly', enabled: 1, schedule: '01:00', storage: 'nas' });
        expect(String(job!['selection'])).toContain('110');
        expect(String(job!['next_run_at'])).toMatch(/^2026-11-21T0/);
      },
    }),
    question({
      ask: 'Who changed how much today?',
      calls: [
        [
          'query_sql',
          {
            sql: `select "user", count(*) as changes from changes where at > '2026-11-20T06:01:00Z' and "user" is not null group by "user" order by 2 desc`,
          },
        ],
      ],
      tells:
        'Each person with the number of changes that are theirs; changes whose author nobody recorded are left out.',
      check: ([answer]) => {
        const users = Object.keys(pairs(answer));
        expect(users).toEqual(expect.arrayContaining(['alice@pve', 'bob@pve']));
        expect(users.every(user => /@/.test(user))).toBe(true);
      },
    }),
  ],
};
