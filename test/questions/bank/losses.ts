import { expect } from 'vitest';
import type { TruthGuest } from '../../../src/simulator/index.ts';
import { type Family, question } from '../question.ts';
import { keyOf, ODD } from '../stage.ts';

const runOn = (guests: TruthGuest[], node: string) =>
  guests
    .filter(one => one.node === node && one.status === 'running')
    .map(keyOf)
    .sort();

/** What happens when a node goes down. */
export const losses: Family = {
  title: 'When a node goes down',
  questions: [
    question({
      ask: 'Is it safe to reboot pve1?',
      calls: [['check_health', { if_down: 'pve1' }]],
      tells:
        'Which guests stop, which of them start elsewhere, which cannot and why, whether quorum and memory hold, and what runs there.',
      check: ([{ impact }], { guests }) => {
        expect(impact.stops.toSorted()).toEqual(runOn(guests, 'pve1'));
        expect(impact.restarts_elsewhere).toEqual([`vm/${ODD.ha}`]);
        expect(impact).toMatchObject({ quorum_holds: true, memory_fits: true, running_tasks: [] });
        const stuck = impact.cannot_start_elsewhere.map(one => one.resource);
        for (const vmid of ODD.onNas) expect(stuck).not.toContain(`vm/${vmid}`);
      },
    }),
    question({
      ask: 'Which node can I reboot with the least harm?',
      calls: [['check_health', { if_down: 'all' }]],
      tells:
        'Every node with what stops there, the least harmful first; if_down with its name tells the rest.',
      check: ([{ impact }], { guests }) => {
        expect(impact.nodes).toHaveLength(3);
        for (const one of impact.nodes) {
          expect(one.stops).toBe(runOn(guests, one.node).length);
          expect(one).toMatchObject({ quorum_holds: true, memory_fits: true, running_tasks: 0 });
        }
        const lost = impact.nodes.map(one => one.stops - one.restarts_elsewhere);
        expect(lost).toEqual(lost.toSorted((a, b) => a - b));
      },
    }),
    question({
      ask: 'Why can dev02 not run on another node?',
      calls: [['check_health', { if_down: 'pve3' }]],
      tells: 'The reason of each guest that is bound: a local disk, hardware, a folder, a storage, a rule.',
      check: ([{ impact }]) => {
        const { why } = impact.cannot_start_elsewhere.find(one => one.resource === `vm/${ODD.passthrough}`)!;
        expect(why).toContain('scsi0 is on local-zfs, a storage of pve3 alone');
        expect(why).toContain('hostpci0 passes 0000:01:00.0 of pve3 through');
      },
    }),
    question({
      ask: 'When did pve3 last fail, and for how long?',
      calls: [['check_health', { if_down: 'pve3' }]],
      tells: 'When it was seen to go down and to come back.',
      check: ([{ impact }]) => {
        expect(impact.last_failed_at).toMatch(/^2026-11-20T12:0/);
        expect(impact.back_at).toMatch(/^2026-11-20T12:3/);
      },
    }),
    question({
      ask: 'What did we lose when pve3 went down at noon?',
      calls: [['list_guests', { node: 'pve3', at: '2026-11-20T11:59:00Z', status: 'running' }]],
      tells: 'What ran there at that moment.',
      check: ([{ guests }]) => {
        expect(guests.map(row => row.name)).toEqual(
          expect.arrayContaining(['web01', 'dev02', 'k8s-worker02', 'ct-dns02']),
        );
        expect(guests.every(row => row.node === 'pve3' && row.status === 'running')).toBe(true);
      },
    }),
  ],
};
