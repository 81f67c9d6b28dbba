import { expect } from 'vitest';
import type { Cause } from '../../support/answer.ts';
import { type Family, question } from '../question.ts';
import { keyOf, ODD } from '../stage.ts';

const MORNING = '2026-11-20T06:00:30Z';
const paths = (rows: { path: string }[]) => rows.map(one => one.path);
const users = (one: { causes: Cause[] }) => (one.causes ?? []).map(cause => cause.user);

/** What should be, what is not so, and what would mend it. Each question stands on what was declared before it. */
export const desired: Family = {
  title: 'What should be',
  questions: [
    question({
      ask: 'Hold ci-runner02 to the VLAN it had this morning.',
      calls: [
        ['declare_state', { resource: 'ci-runner02', like: MORNING, fields: ['net0.tag'], why: 'agreed' }],
      ],
      tells:
        'The rule with the value of that moment written out, and its revision. Nothing is written to Proxmox.',
      check: ([{ revision, rules, hint }]) => {
        expect(revision).toBe(1);
        expect(hint).toContain('Values are those of 2026-11-20T06:00:30');
        expect(rules).toMatchObject([{ id: 'vm/109', fields: { 'net0.tag': 20 }, matches: 1 }]);
      },
    }),
    question({
      ask: 'All web machines should start on boot. Write that down.',
      calls: [['declare_state', { tag: 'web', type: 'vm', set: ['onboot=1'] }]],
      tells: 'One rule for all that have the tag, now and later, and how many that are.',
      check: ([{ rules }], { guests }) => {
        const web = guests.filter(guest => guest.type === 'qemu' && guest.tags.includes('web'));
        expect(rules).toMatchObject([{ id: 'tag=web type=vm', fields: { onboot: 1 }, matches: web.length }]);
      },
    }),
    question({
      ask: 'What is not as I declared it?',
      calls: [['diff_state', { from: 'declared' }]],
      tells:
        'Each field with what is declared and what is, since when, who did that, and by which rule; nothing that nobody declared.',
      check: ([{ changes, counts }], { guests }) => {
        const off = guests.filter(
          guest => guest.type === 'qemu' && guest.tags.includes('web') && guest.config['onboot'] !== 1,
        );
        const wanted = [...off.map(keyOf), 'vm/109'].sort();
        expect(changes.map(one => one.resource).sort()).toEqual(wanted);
        expect(new Set(changes.flatMap(one => paths(one.fields)))).toEqual(
          new Set(off.length > 0 ? ['config.onboot', 'config.net0.tag'] : ['config.net0.tag']),
        );
        expect(counts.drifted).toBe(wanted.length);
      },
    }),
    question({
      ask: 'Why is ci-runner02 different from what I declared?',
      calls: [['diff_state', { from: 'declared', resource: 'ci-runner02' }]],
      tells: 'One field, both values, the window in which it was changed, and by whom.',
      check: ([{ changes }]) => {
        expect(changes).toHaveLength(1);
        expect(changes[0]!.fields).toMatchObject([
          { path: 'config.net0.tag', from: 20, to: 77, rule: 'vm/109' },
        ]);
        expect(users(changes[0]!)).toEqual(['bob@pve']);
        expect(changes[0]!.window.after < changes[0]!.window.before).toBe(true);
      },
    }),
    question({
      ask: 'What would put ci-runner02 right?',
      calls: [['plan_changes', { resource: 'ci-runner02' }]],
      tells:
        'A plan with its one step, what that does to the machine, whose change it takes back, and the line to run.',
      check: ([{ plan, steps, commands }]) => {
        expect(plan).toMatch(/^p-/);
        expect(steps).toMatchObject([{ path: 'config.net0.tag', from: 77, to: 20 }]);
        expect(users(steps[0]!)).toEqual(['bob@pve']);
        expect(commands[0]).toMatch(/^qm set 109 --net0 .*tag=20/);
      },
    }),
    question({
      ask: 'Was ci-runner02 as declared at quarter past six this morning?',
      calls: [['diff_state', { from: 'declared', to: '2026-11-20T06:15:00Z', resource: 'ci-runner02' }]],
      tells: 'What differed at that moment: nothing, as history knows it.',
      check: ([{ changes, counts }]) => {
        expect(changes).toEqual([]);
        expect(counts).toMatchObject({ resources: 1, drifted: 0, unseen: 0 });
      },
    }),
    question({
      ask: 'Leave VLAN 77 on ci-runner02 until 15 December; alice answers for it.',
      calls: [
        [
          'declare_state',
          { resource: 'ci-runner02', accept: ['net0.tag=77'], until: '2026-12-15', owner: 'alice' },
        ],
        ['diff_state', { from: 'declared', resource: 'ci-runner02' }],
      ],
      tells:
        'The exception with owner and day. It is shown as accepted from then on, another value would be a drift again.',
      check: ([declared, { changes, counts }]) => {
        expect(declared.exceptions).toMatchObject([{ field: 'net0.tag', value: 77, owner: 'alice' }]);
        expect(changes[0]!.fields).toMatchObject([{ state: 'accepted', owner: 'alice' }]);
        expect(counts).toMatchObject({ drifted: 0, accepted: 1 });
      },
    }),
    question({
      ask: 'Do not tell me about the IDE disk of app01 until Christmas.',
      calls: [
        [
          'declare_state',
          {
            resource: `vm/${ODD.ide}`,
            accept: ['check=ide-disk'],
            until: '2026-12-25',
            owner: 'bob',
            why: 'boots from nothing else',
          },
        ],
        ['check_health', { check: 'ide-disk' }],
      ],
      tells: 'The finding is left out until that day, and is counted with its owner as silenced.',
      check: ([, { findings, silenced }]) => {
        expect(findings.map(one => one.resource)).not.toContain(`vm/${ODD.ide}`);
        expect(silenced).toMatchObject([{ check: 'ide-disk', resource: `vm/${ODD.ide}`, owner: 'bob' }]);
      },
    }),
    question({
      ask: 'Put ci-runner02 back how it was this morning.',
      calls: [['plan_changes', { resource: 'ci-runner02', to: MORNING }]],
      tells:
        'Everything that changed since as steps, each with who did it; what a plan never takes back is left out with the reason.',
      check: ([{ steps, left_out: left, hint }]) => {
        expect(hint).toContain('how it was at 2026-11-20T06:00:30');
        expect(paths(steps)).toContain('config.net0.tag');
        expect(steps.every(one => users(one).length > 0 || one.why_unknown)).toBe(true);
        expect(paths(left)).toContain('config.scsi1.size');
        expect(left.every(one => one.why.length > 10)).toBe(true);
      },
    }),
    question({
      ask: 'Make all VMs with the tag ci start on boot. Who would that touch?',
      calls: [['plan_changes', { tag: 'ci', type: 'vm', set: ['onboot=1'] }]],
      tells:
        'How many have the tag, how many do already, which will change and how, and which cannot be seen.',
      check: ([{ steps, left_out: left, hint }], { guests }) => {
        const ci = guests.filter(guest => guest.type === 'qemu' && guest.tags.includes('ci'));
        const off = ci.filter(guest => guest.config['onboot'] !== 1).map(keyOf);
        const named = [...new Set([...steps, ...left].map(one => one.resource))].sort();
        expect(named).toEqual(off.sort());
        if (ci.length > 1) expect(hint).toContain(`${ci.length} fit`);
      },
    }),
    question({
      ask: 'What is declared, and what exceptions are there?',
      calls: [['declare_state', {}]],
      tells: 'Every rule with how many it is about, every exception with owner and end, and the revision.',
      check: ([{ revision, rules, exceptions }]) => {
        expect(revision).toBe(4);
        expect(rules.map(one => one.id)).toEqual(['tag=web type=vm', 'vm/109']);
        expect(exceptions.map(one => `${one.field} ${one.owner}`).sort()).toEqual([
          'check bob',
          'net0.tag alice',
        ]);
      },
    }),
    question({
      ask: 'Who declared what, and when?',
      calls: [['show_history', { type: 'declaration' }]],
      tells:
        'Each revision with its author, its reason, and what it declared or accepted that the one before did not.',
      check: ([{ history, total }]) => {
        expect(total).toBe(4);
        expect(history.map(one => one.declared ?? one.accepted)).toEqual([
          [`vm/${ODD.ide} check`],
          ['vm/109 net0.tag'],
          ['tag=web type=vm'],
          ['vm/109'],
        ]);
        expect(history[3]!.why).toBe('agreed');
      },
    }),
  ],
};
