import { expect } from 'vitest';
import { type Family, question } from '../question.ts';
import { keyOf, type Stage } from '../stage.ts';

const DAY = 86_400_000;
const GIB = 1024 ** 3;

/** When a node was off, as it really was (ms). */
function outages({ lab }: Stage, node: string): { from: number; to: number }[] {
  const moves = lab.sim.truth.events.flatMap(({ at, resource, fields }) => {
    const status = resource === `node/${node}` && fields?.find(one => one.path === 'status');
    return status ? [{ at, on: status.to === 'online' }] : [];
  });
  return moves.flatMap(({ at, on }, index) =>
    on ? [] : [{ from: at, to: moves[index + 1]?.at ?? Infinity }],
  );
}

/** What was used, and how long it will last. */
export const usage: Family = {
  title: 'Load and growth',
  questions: [
    question({
      ask: 'Which VM uses the most memory?',
      calls: [['show_usage', { top: 5, type: 'vm', metric: 'memory' }]],
      tells:
        'The five VMs with most memory in use, each with what it has, its usual and its highest use over a day.',
      check: ([{ usage: rows }], { guests }) => {
        const running = guests.filter(
          one => one.type === 'qemu' && one.status === 'running' && !one.template,
        );
        expect(running.map(keyOf)).toEqual(expect.arrayContaining(rows.map(row => row.resource)));
        expect(rows.length).toBe(5);
        const now = rows.map(row => row.now);
        expect(now[0]).toBeGreaterThan(0);
        for (const row of rows) expect(row).toMatchObject({ metric: 'memory', unit: 'GiB' });
        expect(Math.max(...now)).toBeLessThanOrEqual(now[0]! * 1.2);
      },
    }),
    question({
      ask: 'When will the NAS be full?',
      calls: [['show_usage', { resource: 'storage/nas' }]],
      tells:
        'The day it will be full if it goes on like this, with the earliest and the latest, and how fast it grows.',
      check: ([{ usage }], { lab }) => {
        const row = usage[0]!;
        const { total, used } = lab.sim.world.fillOf('nas');
        const full = lab.sim.clock.now() + ((total - used) / (30 * GIB)) * DAY;
        expect(row.slope_per_day).toBeCloseTo(30, 0);
        expect(Date.parse(row.until_full.earliest) - DAY).toBeLessThanOrEqual(full);
        expect(Date.parse(row.until_full.latest) + DAY).toBeGreaterThanOrEqual(full);
      },
    }),
    question({
      ask: 'What did node pve2 do last night?',
      calls: [
        ['show_usage', { resource: 'node/pve2', timeframe: 'day', detail: 'full' }],
        ['show_history', { node: 'pve2', since: 'yesterday 18:00' }],
      ],
      tells: 'Its load every few minutes, and what was done on it meanwhile.',
      check: ([{ usage: rows }, { history }]) => {
        expect(rows.map(row => row.metric)).toEqual(['cpu', 'memory', 'disk', 'network']);
        for (const { points } of rows) {
          expect(points.length).toBe(60);
          expect(points.every(([, value]) => value !== null && value > 0)).toBe(true);
        }
        expect(history.length).toBeGreaterThan(0);
      },
    }),
    question({
      ask: 'When was node pve3 off today?',
      calls: [['show_usage', { resource: 'node/pve3', metric: 'cpu' }]],
      tells: 'From when until when its record has a gap, to the minute; a gap is no load of zero.',
      check: ([{ usage }], stage) => {
        const row = usage[0]!;
        const [outage] = outages(stage, 'pve3');
        expect(row.gaps.length).toBe(1);
        const [from, to] = row.gaps[0]!;
        expect(Math.abs(Date.parse(from) - outage!.from)).toBeLessThanOrEqual(60_000);
        expect(Math.abs(Date.parse(to) - outage!.to)).toBeLessThanOrEqual(60_000);
        expect(row.min).toBeGreaterThan(0);
      },
    }),
    question({
      ask: 'How busy were my nodes this month?',
      calls: [['show_usage', { resource: 'cluster', metric: 'cpu', timeframe: 'month' }]],
      tells: 'For each node its usual and its highest load in percent of its CPUs.',
      check: ([{ usage: rows }]) => {
        expect(rows.map(row => row.resource)).toEqual(['node/pve1', 'node/pve2', 'node/pve3']);
        for (const { min, median, p95, max, unit } of rows) {
          expect([min, median, p95, max]).toEqual([min, median, p95, max].toSorted((a, b) => a - b));
          expect(max).toBeLessThanOrEqual(100);
          expect(unit).toBe('%');
        }
      },
    }),
  ],
};
