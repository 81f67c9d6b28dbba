import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reading } from '../../../src/apply/standing.ts';
import { nextTakeBack } from '../../../src/apply/take-back.ts';
import type { WantedValue } from '../../../src/model/operation.ts';
import type { GuestAddress, Operation } from '../../../src/proxmox/operations/index.ts';
import { writeRequest } from '../../../src/proxmox/operations/request.ts';

const vm: GuestAddress = { type: 'vm', vmid: 100, node: 'pve1' };

/** A guest as a table of what is in force and what waits; every write gives it another digest. */
interface Model {
  values: Record<string, string>;
  waiting: Record<string, string | null>;
  digest: string;
}

let counter = 0;
function fresh(): string {
  return (++counter).toString(16).padStart(40, '0');
}

function readingOf(model: Model): Reading {
  return { at: 0, sameGuest: true, busy: false, ...structuredClone(model) };
}

/** Does as a running VM does with keys that wait for a restart. */
function carryOut(model: Model, operation: Operation, waits: ReadonlySet<string>): void {
  if (operation.kind === 'revert') for (const key of operation.keys) delete model.waiting[key];
  if (operation.kind === 'config') {
    const changes: [string, string | null][] = [
      ...operation.remove.map((key): [string, null] => [key, null]),
      ...Object.entries(operation.set),
    ];
    for (const [key, value] of changes) write(model, key, value, waits);
  }
  model.digest = fresh();
}

function write(model: Model, key: string, value: string | null, waits: ReadonlySet<string>): void {
  delete model.waiting[key];
  if ((model.values[key] ?? null) === value) return;
  if (waits.has(key)) model.waiting[key] = value;
  else if (value === null) delete model.values[key];
  else model.values[key] = value;
}

const keys = ['cores', 'memory', 'onboot', 'balloon'];
const value = fc.constantFrom('1', '2', '3');
const life = fc.record({
  values: fc.dictionary(fc.constantFrom(...keys), value),
  before: fc.dictionary(fc.constantFrom(...keys), value),
  wanted: fc.dictionary(fc.constantFrom(...keys), value, { minKeys: 1 }),
  waits: fc.subarray(keys),
  reached: fc.subarray(keys),
  left: fc.subarray(keys),
  foreign: fc.option(fc.tuple(fc.constantFrom(...keys), fc.constantFrom('7', '8'))),
});

test('whatever part of an operation took effect, it is taken back, and nobody else is', () => {
  fc.assert(
    fc.property(life, ({ values, before, wanted, waits, reached, left, foreign }) => {
      const waiting = new Set(waits);
      const model: Model = { values: { ...values }, waiting: {}, digest: fresh() };
      for (const [key, waited] of Object.entries(before))
        if (waiting.has(key)) write(model, key, waited, waiting);
      const former = structuredClone(model);
      const planned = Object.entries(wanted).map(
        ([key, to]): WantedValue => ({
          key,
          to,
          from: model.values[key] ?? null,
          ...(Object.hasOwn(model.waiting, key) && { waited: model.waiting[key]! }),
        }),
      );
      // The write got through some of its keys; of those some wait though they need not: a hot-plug failed.
      for (const { key, to } of planned)
        if (reached.includes(key)) write(model, key, to, left.includes(key) ? new Set(keys) : waiting);
      model.digest = fresh();
      const digestAfter = model.digest;
      if (foreign !== null)
        carryOut(
          model,
          { kind: 'config', guest: vm, set: { [foreign[0]]: foreign[1] }, remove: [], digest: '' },
          waiting,
        );
      let rounds = 0;
      for (;;) {
        const operation = nextTakeBack({ guest: vm, wanted: planned, digestAfter }, readingOf(model));
        if (operation === null) break;
        expect(() => writeRequest(operation)).not.toThrow();
        expect(++rounds).toBeLessThan(4);
        carryOut(model, operation, waiting);
      }
      const expected = structuredClone(former);
      if (foreign !== null) write(expected, foreign[0], foreign[1], waiting);
      expect({ values: model.values, waiting: model.waiting }).toEqual({
        values: expected.values,
        waiting: expected.waiting,
      });
    }),
    { numRuns: 1_000 },
  );
});

test('what Proxmox made of a value is put back only while nobody has written since', () => {
  const wanted: WantedValue[] = [{ key: 'memory', from: '2048', to: '1500' }];
  const model: Model = { values: { memory: '1024' }, waiting: {}, digest: fresh() };
  const ours = nextTakeBack({ guest: vm, wanted, digestAfter: model.digest }, readingOf(model));
  expect(ours).toMatchObject({ kind: 'config', set: { memory: '2048' }, digest: model.digest });
  expect(nextTakeBack({ guest: vm, wanted, digestAfter: fresh() }, readingOf(model))).toBeNull();
  expect(nextTakeBack({ guest: vm, wanted, digestAfter: undefined }, readingOf(model))).toBeNull();
});

test.each([
  ['protection switched on', { key: 'protection', from: null, to: '1' }, { protection: '1' }],
  ['protection that was off', { key: 'protection', from: '0', to: '1' }, { protection: '1' }],
  ['a first name', { key: 'name', from: null, to: 'web' }, { name: 'web' }],
  ['a status', { key: 'status', from: 'stopped', to: 'running' }, { status: 'running' }],
  ['a snapshot', { key: 'snapshot:before', from: null, to: 'taken' }, { 'snapshot:before': 'taken' }],
] as const)('%s is not taken back', (_, wanted, values) => {
  const model: Model = { values, waiting: {}, digest: fresh() };
  expect(
    nextTakeBack({ guest: vm, wanted: [wanted], digestAfter: model.digest }, readingOf(model)),
  ).toBeNull();
});

test('nothing is written to another guest, or while a task runs', () => {
  const wanted: WantedValue[] = [{ key: 'cores', from: '1', to: '2' }];
  const model: Model = { values: { cores: '2' }, waiting: {}, digest: fresh() };
  for (const more of [{ sameGuest: false }, { busy: true }])
    expect(
      nextTakeBack({ guest: vm, wanted, digestAfter: undefined }, { ...readingOf(model), ...more }),
    ).toBeNull();
});
