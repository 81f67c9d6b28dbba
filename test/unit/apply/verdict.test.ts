import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/apply/standing.ts';
import { decideOutcome, SETTLED_MS, type SentOperation } from '../../../src/apply/verdict.ts';
import type { OperationState, WantedValue } from '../../../src/model/operation.ts';
import type { Leftover, Refusal, WriteOutcome } from '../../../src/proxmox/operations/index.ts';

const at = Date.UTC(2026, 10, 28, 12);
const memory: WantedValue = { key: 'memory', from: '2048', to: '4096' };
const tags: WantedValue = { key: 'tags', from: null, to: 'b;a' };

function reading(more: Partial<Reading> = {}): Reading {
  const values = { memory: '2048' };
  return { at: at + 1_000, sameGuest: true, digest: 'd', values, waiting: {}, busy: false, ...more };
}

function refused(leaves: Leftover, keys: string[] = ['memory']): WriteOutcome {
  const refusal: Refusal = { code: 'failed', says: 'no', leaves, keys };
  return { kind: 'refused', refusal };
}

function sent(more: Partial<SentOperation> = {}): SentOperation {
  const outcome: WriteOutcome = { kind: 'written' };
  return { type: 'vm', wanted: [memory], sentAt: at, outcome, managed: false, takenBack: false, ...more };
}

const taken = { values: { memory: '4096' } };
const waits = { waiting: { memory: '4096' } };
const unknown: WriteOutcome = { kind: 'unknown', why: '596' };
const task: WriteOutcome = { kind: 'task', upid: 'UPID:...' };
const late = { at: at + SETTLED_MS };

describe('what became of an operation', () => {
  const cases: [string, Partial<SentOperation>, Partial<Reading> | undefined, OperationState][] = [
    ['answered, and as wanted', {}, taken, 'verified'],
    ['answered, and waiting for a restart', {}, waits, 'pending'],
    ['answered, and another value was stored', {}, { values: { memory: '3072' } }, 'failed'],
    ['answered, and the old value stands', {}, {}, 'failed'],
    ['no answer, and as wanted', { outcome: unknown }, taken, 'verified'],
    ['no answer, and the old value stands after a second', { outcome: unknown }, {}, 'unknown'],
    ['no answer, and the old value stands after 35 s', { outcome: unknown }, late, 'failed'],
    ['no answer, and something runs after 35 s', { outcome: unknown }, { ...late, busy: true }, 'unknown'],
    ['no answer, and it waits after 35 s', { outcome: unknown }, { ...late, ...waits }, 'pending'],
    ['no answer, and the clock was set back', { outcome: unknown }, { at: at - 3_600_000 }, 'unknown'],
    ['the process died, and nothing was read', { outcome: undefined }, undefined, 'sent'],
    ['the process died, and as wanted', { outcome: undefined }, taken, 'verified'],
    ['the process died, and the old value stands after 35 s', { outcome: undefined }, late, 'failed'],
    ['it never arrived', { outcome: { kind: 'not-sent', why: '595' } }, undefined, 'not_sent'],
    [
      'it never arrived, and somebody else wrote the same',
      { outcome: { kind: 'not-sent', why: '595' } },
      taken,
      'not_sent',
    ],
    ['answered, and not read since', {}, undefined, 'unknown'],
    ['another guest has the VMID', {}, { sameGuest: false, ...taken }, 'unknown'],
    ['refused, and the old value stands', { outcome: refused('nothing') }, {}, 'failed'],
    ['refused, with the value left waiting', { outcome: refused('pending') }, waits, 'failed'],
    [
      'refused for a key of another, and it waits',
      { outcome: refused('pending', ['net0']) },
      waits,
      'pending',
    ],
    [
      'refused for a key of another, and as wanted',
      { outcome: refused('pending', ['net0']) },
      taken,
      'verified',
    ],
    ['a task that runs', { outcome: task, task: { ended: false } }, { busy: true }, 'unknown'],
    [
      'a task that ended well, and as wanted',
      { outcome: task, task: { ended: true, refusal: null } },
      taken,
      'verified',
    ],
    [
      'a task that ended well, and the old value stands',
      { outcome: task, task: { ended: true, refusal: null } },
      {},
      'failed',
    ],
    [
      'a task that failed, with the value left waiting',
      {
        outcome: task,
        task: { ended: true, refusal: { code: 'unplugged', says: '', leaves: 'pending', keys: ['memory'] } },
      },
      waits,
      'failed',
    ],
    [
      'the manager has not acted',
      { outcome: task, task: { ended: true, refusal: null }, managed: true },
      late,
      'unknown',
    ],
    ['it failed and was taken back', { outcome: refused('pending'), takenBack: true }, {}, 'reverted'],
    [
      'it failed and could not be taken back',
      { outcome: refused('pending'), takenBack: true },
      waits,
      'failed',
    ],
  ];
  test.each(cases)('%s: %s', (_, facts, read, state) => {
    const verdict = decideOutcome(sent(facts), read && reading(read));
    expect(verdict.state).toBe(state);
  });

  test('the form of a value is no difference', () => {
    const values = {
      memory: '2048',
      tags: 'a;b',
      description: 'x\n',
      net0: 'name=eth0,bridge=vmbr0,hwaddr=AA:BB:CC:DD:EE:FF',
    };
    const wanted: WantedValue[] = [
      tags,
      { key: 'description', from: null, to: 'x' },
      { key: 'net0', from: null, to: 'bridge=vmbr0,hwaddr=AA:BB:CC:DD:EE:FF,name=eth0' },
    ];
    expect(decideOutcome(sent({ type: 'container', wanted }), reading({ values })).state).toBe('verified');
  });

  test('a container refused half-way says that what is in force differs', () => {
    const outcome = refused('live');
    expect(decideOutcome(sent({ type: 'container', outcome }), reading())).toMatchObject({
      state: 'failed',
      liveDiffers: true,
    });
    expect(decideOutcome(sent({ outcome }), reading()).liveDiffers).toBe(false);
  });

  test('what certainly wrote nothing is the cause of nothing', () => {
    const other = { values: { memory: '4096' } };
    for (const outcome of [refused('nothing'), { kind: 'not-sent', why: '595' } as const])
      expect(decideOutcome(sent({ outcome }), reading(other)).mayBeCause).toBe(false);
    for (const outcome of [unknown, undefined, task, refused('perhaps')])
      expect(decideOutcome(sent({ outcome }), reading(other)).mayBeCause).toBe(true);
  });
});

const value = fc.constantFrom('1024', '2048', '4096', '3072');
const anyReading = fc
  .record({
    after: fc.integer({ min: -100_000, max: 200_000 }),
    values: fc.dictionary(fc.constantFrom('memory', 'cores'), value),
    waiting: fc.dictionary(fc.constantFrom('memory', 'cores'), fc.option(value)),
    busy: fc.boolean(),
    sameGuest: fc.boolean(),
  })
  .map(({ after, ...facts }) => reading({ at: at + after, ...facts }));
const anyOutcome = fc.oneof(
  fc.constantFrom<WriteOutcome | undefined>(
    undefined,
    unknown,
    task,
    { kind: 'written' },
    { kind: 'not-sent', why: '' },
  ),
  fc.constantFrom<Leftover>('nothing', 'perhaps', 'pending', 'live').map(leaves => refused(leaves)),
);
const anySent = fc
  .record({
    type: fc.constantFrom('vm' as const, 'container' as const),
    wanted: fc.tuple(value, value, value).map(([a, b, c]): WantedValue[] => [
      { key: 'memory', from: a, to: b },
      { key: 'cores', from: null, to: c },
    ]),
    outcome: anyOutcome,
    task: fc.constantFrom({ ended: false } as const, { ended: true, refusal: null } as const, undefined),
    managed: fc.boolean(),
    takenBack: fc.boolean(),
  })
  .map(facts => sent(facts));

test('nothing is called verified, pending, failed or taken back that the reading does not show', () => {
  fc.assert(
    fc.property(anySent, anyReading, (operation, read) => {
      const { state, standings } = decideOutcome(operation, read);
      const all = Object.values(standings);
      const over = ['written', 'refused'].includes(operation.outcome?.kind ?? '') || operation.task?.ended;
      if (state === 'verified')
        for (const { key, to } of operation.wanted) {
          expect(read.values[key]).toBe(to);
          expect(read.waiting[key] ?? to).toBe(to);
        }
      if (state === 'pending') expect(all).toContain('waiting');
      if (['pending', 'reverted'].includes(state)) expect(all).not.toContain('other');
      if (state === 'reverted') expect(new Set(all)).toEqual(new Set(['old']));
      if (state === 'failed' && !operation.takenBack) {
        expect(all.every(one => one === 'there')).toBe(false);
        expect(over || read.at - at >= SETTLED_MS).toBe(true);
      }
      if (['verified', 'pending', 'failed', 'reverted'].includes(state))
        expect([read.busy, read.sameGuest]).toEqual([false, true]);
      expect(state === 'not_sent').toBe(operation.outcome?.kind === 'not-sent');
    }),
    { numRuns: 1_000 },
  );
});

test('once settled, the same guest read later gives the same verdict, whoever asks', () => {
  fc.assert(
    fc.property(anySent, anyReading, fc.integer({ min: 0, max: 10 ** 9 }), (operation, read, later) => {
      const first = decideOutcome(operation, read);
      expect(decideOutcome(structuredClone(operation), structuredClone(read))).toEqual(first);
      if (first.state === 'unknown' || first.state === 'sent') return;
      expect(decideOutcome(operation, { ...read, at: read.at + later }).state).toBe(first.state);
    }),
    { numRuns: 1_000 },
  );
});

test('every operation settles once nothing runs, 35 s have passed and no manager is asked', () => {
  fc.assert(
    fc.property(anySent, anyReading, (operation, read) => {
      const settled = { ...read, at: at + SETTLED_MS, busy: false, sameGuest: true };
      const { state } = decideOutcome({ ...operation, managed: false }, settled);
      expect(['sent', 'unknown']).not.toContain(state);
    }),
  );
});
