import { expect } from 'vitest';
import type { Change } from '../../support/answer.ts';
import { type Family, question } from '../question.ts';

const of = (changes: Change[], resource: string) => changes.filter(one => one.resource === resource);
const authors = (change: Change) => (change.causes ?? []).map(one => one.user);

/** What changed, when, and who did it. */
export const changes: Family = {
  title: 'What changed, and who did it',
  questions: [
    question({
      ask: 'What changed today?',
      calls: [['diff_state', { from: '2026-11-20T06:00:30Z', limit: 100 }]],
      tells: 'What is different now, field by field, with who did it; what was undone again does not appear.',
      check: ([{ changes, total }]) => {
        expect(changes).toHaveLength(total);
        // Created and gone within the day.
        expect(changes.some(one => one.name === 'shop-new')).toBe(false);
        expect(of(changes, 'vm/119').map(one => one.change)).toEqual(['created']);
        expect(of(changes, 'vm/115')[0]!.fields.map(one => one.path)).toContain('template');
      },
    }),
    question({
      ask: 'Which machines were deleted today?',
      calls: [['diff_state', { from: '2026-11-20T06:00:30Z', change: 'deleted' }]],
      tells: 'Each deletion with its time and who did it.',
      check: ([{ changes }]) => {
        const gone = changes.map(one => `${one.resource} ${authors(one).join()}`).sort();
        expect(gone).toEqual(['container/202 alice@pve', 'vm/107 bob@pve', 'vm/108 bob@pve']);
      },
    }),
    question({
      ask: 'Who moved ci-runner02 to another VLAN?',
      calls: [['show_history', { resource: 'ci-runner02', field: 'vlan' }]],
      tells: 'That one change with its time, both values and its author.',
      check: ([{ history }]) => {
        expect(history).toMatchObject([{ fields: [{ path: 'config.net0.tag', to: 77 }] }]);
        expect(authors(history[0]!)).toEqual(['bob@pve']);
      },
    }),
    question({
      ask: 'Who gave ct-dns01 more memory?',
      calls: [['show_history', { resource: 'ct-dns01', field: 'memory' }]],
      tells: 'That Proxmox records no author of such an edit, rather than a wrong name.',
      check: ([{ history }]) => {
        expect(history).toHaveLength(1);
        const edit = history[0]!;
        expect(edit.causes).toEqual([]);
        expect(JSON.stringify(edit.why_unknown)).toContain('neither task nor log line');
      },
    }),
    question({
      ask: 'db01 is slow since this morning: what was done to it?',
      calls: [
        ['show_history', { resource: 'db01', since: '2026-11-20T06:00:30Z' }],
        ['show_usage', { resource: 'db01' }],
      ],
      tells: 'Each change with its author, such as another CPU type at a restart, and its load meanwhile.',
      check: ([{ history }, { usage }]) => {
        const cpu = history.filter(one => one.fields?.some(field => field.path === 'config.cpu.cputype'));
        expect(authors(cpu[0]!)).toEqual(['alice@pve']);
        expect(usage.map(row => row.metric)).toEqual(['cpu', 'memory', 'disk', 'network']);
      },
    }),
    question({
      ask: 'What did alice do today?',
      calls: [['show_history', { user: 'alice', since: '2026-11-20T06:00:30Z', limit: 200 }]],
      tells: 'Her changes and tasks in order.',
      check: ([{ history }]) => {
        const text = JSON.stringify(history);
        for (const resource of ['vm/101', 'vm/104', 'container/202']) expect(text).toContain(resource);
        expect(history.every(one => /alice/.test(JSON.stringify(one)))).toBe(true);
      },
    }),
    question({
      ask: 'What happened to app02 before lunch?',
      calls: [
        ['show_history', { resource: 'app02', since: '2026-11-20T11:00:00Z', until: '2026-11-20T13:00:00Z' }],
      ],
      tells: 'That it went down from inside: no task did it, and nobody is named for it.',
      check: ([{ history }]) => {
        const downs = history.filter(one =>
          one.fields?.some(field => field.path === 'status' && field.to === 'stopped'),
        );
        expect(downs).toMatchObject([{ resource: 'vm/105', causes: [] }]);
        expect(downs[0]!.why_unknown).toContain('from inside the guest');
      },
    }),
    question({
      ask: 'Was a storage unreachable today?',
      calls: [['show_history', { type: 'storage', since: '2026-11-20T06:00:30Z' }]],
      tells: 'When which node lost it and had it back, and when it was switched off and on.',
      check: ([{ history }]) => {
        const paths = history.flatMap(one =>
          (one.fields ?? []).map(field => `${field.path} ${JSON.stringify(field.to)}`),
        );
        expect(paths).toEqual(
          expect.arrayContaining(['unreachable ["pve1"]', 'unreachable []', 'enabled false', 'enabled true']),
        );
      },
    }),
    question({
      ask: 'Which machines moved to another node?',
      calls: [['diff_state', { from: '2026-11-20T06:00:30Z', field: 'node' }]],
      tells: 'Each that is elsewhere now, from where to where, with the task that did it.',
      check: ([{ changes: moved }]) => {
        expect(moved.map(one => one.resource).sort()).toEqual(['container/200', 'vm/111']);
        for (const one of moved) expect(authors(one)).toContain('bob@pve');
      },
    }),
  ],
};
