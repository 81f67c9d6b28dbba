import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BackupJob, HaRule } from '../../../src/simulator/types.ts';
import {
  brokenChains,
  inventedChanges,
  untoldDifferences,
  windowsBesideTruth,
} from '../../support/compare-truth.ts';
import { expectExact } from '../../support/exact.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { propertyRuns } from '../../support/soak.ts';

/*
 * What is set for the datacenter as a whole, while looks see it badly: what they could not tell is told by the next that can,
 * since it was last certain.
 */

const NIGHTLY: BackupJob = {
  id: 'nightly',
  enabled: 1,
  schedule: '01:00',
  storage: 'nas',
  mode: 'snapshot',
  all: 1,
};
const RULE: HaRule = { rule: 'pin-web', type: 'node-affinity', nodes: 'pve2,pve1:3', resources: 'vm:100' };
const AUDITOR = [{ path: '/', role: 'PVEAuditor' }];

/** What is set by now. What was removed stays so: made anew between two looks it would be the same one to everybody. */
class Settings {
  readonly #world: Lab['sim']['world'];
  readonly #jobs = new Map<string, BackupJob>();
  #rule: HaRule | null = RULE;
  readonly #gone = new Set<string>();

  constructor(world: Lab['sim']['world']) {
    this.#world = world;
    this.job('nightly', NIGHTLY);
    this.rule({});
  }

  job(id: string, facts: Partial<BackupJob> | null): void {
    if (facts === null) this.#gone.add(id);
    if (this.#gone.has(id)) this.#jobs.delete(id);
    else this.#jobs.set(id, { ...(this.#jobs.get(id) ?? NIGHTLY), ...facts, id });
    this.#world.setBackupJobs([...this.#jobs.values()]);
  }

  rule(facts: Partial<HaRule> | null): void {
    this.#rule = facts === null || this.#rule === null ? null : { ...this.#rule, ...facts };
    this.#world.setHaRules(this.#rule === null ? [] : [this.#rule]);
  }

  ha(state: 'started' | 'stopped' | null): void {
    if (this.#gone.has('ha')) return;
    if (state === null) this.#gone.add('ha');
    this.#world.setHa(102, state);
  }
}

const flagOf = (n: number) => (n % 2 === 0 ? 0 : 1);
const ACTS: { [name: string]: (settings: Settings, n: number, world: Lab['sim']['world']) => void } = {
  schedule: (settings, n) => settings.job('nightly', { schedule: `0${n % 8}:00` }),
  'job on or off': (settings, n) => settings.job('nightly', { enabled: flagOf(n) }),
  'job pruned': (settings, n) =>
    settings.job('nightly', { 'prune-backups': { 'keep-daily': String(n + 1) } }),
  'job without comment': (settings, n) => settings.job('nightly', { comment: n % 2 ? `c${n}` : '' }),
  'another job': (settings, n) => settings.job('weekly', { ...NIGHTLY, comment: `c${n}` }),
  'no job': settings => settings.job('nightly', null),
  'pool comment': (_, n, world) => world.setPoolComment('dev', `c${n}`),
  'pool new': (_, n, world) => world.setPoolComment(`new${n % 2}`, ''),
  ha: (settings, n) => settings.ha(n % 2 ? 'started' : 'stopped'),
  'ha off': settings => settings.ha(null),
  'rule nodes': (settings, n) => settings.rule({ nodes: `pve2:${n + 1}` }),
  'rule on or off': (settings, n) => settings.rule({ disable: flagOf(n) }),
  'no rule': settings => settings.rule(null),
  option: (_, n, world) => world.setOption('console', n % 2 ? 'html5' : 'xtermjs'),
  'option gone': (_, _n, world) => world.setOption('console', null),
};

const LISTS = ['/cluster/backup', '/pools', '/cluster/ha/resources', '/cluster/ha/rules', '/cluster/options'];
const FIELDS = [
  ...['schedule', 'enabled', 'mode', 'comment', 'prune-backups', 'storage', 'id', 'all'],
  ...['poolid', 'state', 'sid', 'nodes', 'resources', 'disable', 'rule', 'console', 'keyboard'],
];
const KNOWN = new Set(['nightly', 'dev', 'vm:100', 'pin-web']);
type Row = Record<string, unknown>;
const eachRow = (alter: (row: Row, index: number) => Row[]) => (data: unknown) =>
  Array.isArray(data) ? data.flatMap(alter) : alter(data as Row, 0)[0];
/** How a look sees one list. */
const BLIND: { [name: string]: (field: string) => (data: unknown) => unknown } = {
  odd: field => eachRow(row => [field in row ? { ...row, [field]: { odd: 1 } } : row]),
  'odd first': field =>
    eachRow((row, index) => [index === 0 && field in row ? { ...row, [field]: [{}] } : row]),
  'field gone': () => eachRow(row => [row]),
  twice: () => eachRow(row => [row, { ...row }]),
  // Who was never told is not missed: no answer shows that it lacks one.
  'without one that is known': () =>
    eachRow(row => (KNOWN.has(String(row['id'] ?? row['poolid'] ?? row['sid'] ?? row['rule'])) ? [] : [row])),
  null: () => data => (Array.isArray(data) ? null : data),
  'a row that is none': () => data => (Array.isArray(data) ? [...data, 7, null] : data),
};

const step = fc.record({
  acts: fc.array(fc.tuple(fc.constantFrom(...Object.keys(ACTS)), fc.nat(20)), { maxLength: 3 }),
  blind: fc.option(
    fc.record({
      list: fc.constantFrom(...LISTS),
      how: fc.constantFrom(...Object.keys(BLIND)),
      field: fc.constantFrom(...FIELDS),
    }),
  ),
  who: fc.constantFrom('all', 'all', 'all', 'narrow', 'pool', 'minority'),
  skewMs: fc.constantFrom(0, 0, 0, 7_200_000, -3_600_000),
});

async function wrongIn(lab: Lab): Promise<unknown[]> {
  const versions = await lab.store.versions({});
  return [
    ...inventedChanges(versions, lab.sim.truth.events),
    ...windowsBesideTruth(versions, lab.sim.truth.events),
    ...(await brokenChains(lab.store)),
    ...(await untoldDifferences(lab.store)),
  ];
}

test('what is set for the datacenter is told as it was, however badly single looks see it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async steps => {
      const lab = await startLab({ guests: 8 });
      const { world, faults, clock, tokens } = lab.sim;
      try {
        const settings = new Settings(world);
        await lab.discover();
        for (const { acts, blind, who, skewMs } of steps) {
          clock.advance(60_000);
          for (const [name, n] of acts) {
            ACTS[name]!(settings, n, world);
            clock.advance(3_000);
          }
          clock.advance(60_000);
          const path = new RegExp(`^(?:/api2/json)?${blind?.list}(?:\\?.*)?$`);
          const remove =
            blind && faults.add({ match: path, kind: 'alter', alter: BLIND[blind.how]!(blind.field) });
          if (who === 'minority') world.quorumLoss(true);
          if (who === 'narrow')
            world.setRights(tokens.full, [...AUDITOR, { path: '/pool', role: 'NoAccess' }]);
          if (who === 'pool') world.setRights(tokens.full, [{ path: '/pool/prod', role: 'PVEAuditor' }]);
          lab.skew = skewMs;
          await lab.discover();
          remove?.();
          if (who === 'minority') world.quorumLoss(false);
          world.setRights(tokens.full, [{ path: '/', role: 'Administrator' }]);
          expect(await wrongIn(lab)).toEqual([]);
        }
        lab.skew = 0;
        clock.advance(400_000);
        await lab.discover({ deep: true });
        await expectExact(lab);
      } finally {
        await lab.close();
      }
    }),
    { numRuns: propertyRuns(2) },
  );
});
