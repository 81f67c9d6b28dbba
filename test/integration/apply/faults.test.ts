import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { stepResults } from '../../../src/desired/outcome.ts';
import { noLog } from '../../../src/log.ts';
import type { ApplyResult, Approval } from '../../../src/model/applying.ts';
import type { Lease } from '../../../src/model/store.ts';
import { all, FAULTS } from '../../support/apply-faults.ts';
import { type ApplyLab, startApplyLab, storeWith } from '../../support/apply-lab.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { SOAK } from '../../support/soak.ts';

onBothEngines('faults while a plan is carried out', engine => {
  let lab: ApplyLab;
  beforeAll(async () => {
    lab = await startApplyLab({ databaseUrl: await engine.newStore() });
  });
  afterAll(() => lab.close());
  beforeEach(() => lab.place());

  const said = (result: Pick<ApplyResult, 'steps'>) =>
    result.steps.map(({ resource, path, outcome }) => `${resource} ${path} ${outcome}`);
  const yes: Approval = { by: 'alice', how: 'terminal' };

  /** Every write that the cluster was sent is on record, once, and what is said of it is so. */
  async function holds(plan: string): Promise<void> {
    const operations = await lab.store.operations({ plan });
    const reached = operations.filter(one => one.state !== 'not_sent');
    expect(reached.length).toBeGreaterThanOrEqual(lab.writes().filter(one => one.status !== 595).length);
    const { guests } = lab.sim.truth.state();
    for (const { state, wanted, resource, takesBack } of operations) {
      const guest = guests[resource];
      if (takesBack !== null || guest === undefined) continue;
      const taken = Object.fromEntries(guest.snapshots.map(name => [`snapshot:${name}`, name]));
      const { status, config } = guest;
      const stands: { [key: string]: unknown } = { ...config, ...taken, status, tags: guest.tags.join(';') };
      for (const { key, from, to } of wanted) {
        const now = stands[key];
        if (state === 'verified') expect(String(now ?? '').trim(), key).toBe(to ?? '');
        if (state === 'reverted' || state === 'not_sent')
          expect(String(now ?? '').trim(), key).toBe(from ?? '');
      }
    }
  }

  // What goes wrong is the cluster's, and the same on both engines: on PostgreSQL some of each outcome, in the soak all.
  const some = FAULTS.filter((_, at) => SOAK || engine.name === 'sqlite' || at % 8 === 0);
  test.each(some)('$what', async fault => {
    await fault.setup?.(lab);
    const plan = await lab.plan(fault.plan ?? { resource: 'vm/100', set: ['memory=1024'] });
    lab.sim.requests.reset();
    await fault.prepare?.(lab);
    lab.hooks.before = n => (n === fault.before?.write ? fault.before.happens(lab) : undefined);
    const thinks = async () => {
      lab.sim.clock.advance(fault.approvalTakes ?? 0);
      return yes;
    };
    const result = await lab.apply(plan, { approval: thinks, ...fault.request });
    expect({
      outcome: result.outcome,
      steps: fault.steps && said(result),
      codes: result.refusals.map(one => one.code),
      sent: lab.writes().length,
    }).toEqual({ outcome: fault.outcome, steps: fault.steps, codes: fault.codes ?? [], sent: fault.sent });
    if (fault.says) expect(JSON.stringify(result)).toMatch(fault.says);
    if (fault.later) {
      lab.sim.clock.advance(150_000);
      await lab.applier.settle();
      const kept = (await lab.store.plan(plan))!;
      expect(said({ steps: stepResults(kept, await lab.store.operations({ plan })) })).toEqual(fault.later);
    }
    await holds(plan);
    expect(lab.writes()).toHaveLength(fault.sent);
    if (fault.reusable) expect(await lab.apply(plan)).toMatchObject({ outcome: 'done' });
  });

  test('a plan that expires while a person thinks stays expired where our clock is set back meanwhile', async () => {
    const plan = await lab.plan(all);
    const { expiresAt } = (await lab.store.plan(plan))!;
    lab.skew = expiresAt - lab.sim.clock.now();
    const thinks = async () => {
      lab.skew = 0;
      await new Promise(resolve => setTimeout(resolve, 5));
      return yes;
    };
    expect((await lab.apply(plan, { approval: thinks })).refusals).toMatchObject([{ code: 'expired' }]);
    expect(await lab.store.planEvents({ plan })).toMatchObject([{ type: 'approved' }, { type: 'refused' }]);
    expect(lab.writes()).toHaveLength(0);
  });

  test('of two that carry out one plan at once, one does', async () => {
    const plan = await lab.plan(all);
    const other = lab.another();
    const request = { plan, asker: 'b', why: null, approval: async () => yes };
    const results = await Promise.all([lab.apply(plan), other.apply(request)]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['done', 'refused']);
    expect(results.flatMap(({ refusals }) => refusals.map(one => one.code))).toEqual(['busy']);
    expect(lab.writes()).toHaveLength(3);
  });

  // Kills: writing on beside who has the lease by now, and a lost lease as an answer.
  test.each([
    'before',
    'after',
  ] as const)('the lease for writing is lost %s the first write: no further one is sent, and each is told', async when => {
    const plan = await lab.plan(all);
    const leases: Lease[] = [];
    const acquireLease: typeof lab.store.acquireLease = async (...asked) => {
      const lease = await lab.store.acquireLease(...asked);
      if (lease !== null) leases.push(lease);
      return lease;
    };
    const asleep = lab.another({ store: storeWith(lab, { acquireLease }) });
    lab.hooks[when] = async n => {
      if (n !== 1) return;
      await lab.store.releaseLease(leases[0]!);
      leases.push((await lab.store.acquireLease('another machine', 30_000, 'apply'))!);
    };
    const result = await asleep.apply({ plan, asker: 'b', why: null, approval: async () => yes });
    expect(lab.writes()).toHaveLength(1);
    expect(result.outcome).toBe('partial');
    expect(said(result).slice(1)).toEqual(['vm/101 tags not_sent', 'container/201 tags not_sent']);
    await lab.store.releaseLease(leases[1]!);
    await lab.applier.settle();
    expect(await lab.store.operations({ plan })).toMatchObject([{ state: 'verified' }]);
    expect(lab.writes()).toHaveLength(1);
    await holds(plan);
  });

  // What follows fails around the store, whichever that is.
  if (!SOAK && engine.name === 'postgresql') return;

  test('a write that cannot be recorded is not sent, and the plan can be carried out later', async () => {
    const plan = await lab.plan(all);
    const recordOperation = () => Promise.reject(new Error('database or disk is full'));
    const full = lab.another({ store: storeWith(lab, { recordOperation }) });
    const request = { plan, asker: 'b', why: null, approval: async () => yes };
    expect(await full.apply(request)).toMatchObject({
      outcome: 'refused',
      refusals: [{ code: 'unrecorded' }],
    });
    expect(lab.writes()).toHaveLength(0);
    expect(await lab.apply(plan)).toMatchObject({ outcome: 'done' });
  });

  test('a write that was sent is not said to be unrecorded where the store fails after it', async () => {
    const plan = await lab.plan({ resource: 'vm/100', set: ['memory=1024', 'status=running'] });
    const warnings: string[] = [];
    const guest: typeof lab.store.guest = (type, id) =>
      lab.writes().length > 0 ? Promise.reject(new Error('database is locked')) : lab.store.guest(type, id);
    const log = { ...noLog, warn: (message: string) => warnings.push(message) };
    const locked = lab.another({ store: storeWith(lab, { guest }), log });
    const result = await locked.apply({ plan, asker: 'b', why: null, approval: async () => yes });
    expect(result).toMatchObject({ outcome: 'partial', refusals: [] });
    expect(said(result)).toEqual(['vm/100 config.memory unknown', 'vm/100 status not_sent']);
    expect(JSON.stringify([result, warnings])).not.toMatch(/nothing was sent|unrecorded/);
    expect(warnings).toContain('what became of a write is not known yet');
    await lab.applier.settle();
    expect(await lab.store.operations({ plan })).toMatchObject([{ state: 'verified' }]);
    expect(lab.writes()).toHaveLength(1);
  });

  test('what became of a write is found out later where it could not be kept', async () => {
    const plan = await lab.plan(all);
    const noteOperation = () => Promise.reject(new Error('database is locked'));
    const locked = lab.another({ store: storeWith(lab, { noteOperation }) });
    await locked.apply({ plan, asker: 'b', why: null, approval: async () => yes });
    expect(await lab.store.operations({ plan })).toMatchObject(Array(3).fill({ state: 'sent' }));
    await lab.applier.settle();
    expect(await lab.store.operations({ plan })).toMatchObject(Array(3).fill({ state: 'verified' }));
    expect(await lab.store.plan(plan)).toMatchObject({ outcome: 'done' });
    expect(lab.writes()).toHaveLength(3);
  });
});
