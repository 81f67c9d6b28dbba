import { beforeAll, expect, it } from 'vitest';
import { type DatabaseStore, DuplicateError, LeaseLostError } from '../../../src/database/index.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { anOperation, aPlan } from '../../support/database-fixtures.ts';

onBothEngines('operations', engine => {
  let store: DatabaseStore;
  let other: DatabaseStore;
  beforeAll(async () => {
    [store, other] = await engine.openTwice();
  });

  it('are recorded under the lease for writing alone, and the first uses its plan up', async () => {
    await store.savePlan(aPlan());
    expect(await store.acquireLease('discoverer', 60_000)).not.toBeNull();
    const lease = (await store.acquireLease('writer', 60_000, 'apply'))!;
    expect(await other.acquireLease('another', 60_000, 'apply')).toBeNull();
    await store.recordOperation(lease, anOperation(), 1_000);
    expect(await other.operations({ plan: 'p-7f3k9' })).toEqual([anOperation()]);
    await store.recordOperation(lease, anOperation('p-7f3k9.2', { resource: 'vm/102' }), 2_000);
    expect((await other.plan('p-7f3k9'))?.usedAt).toBe(1_000);
    await expect(store.recordOperation(lease, anOperation(), 3_000)).rejects.toThrow(DuplicateError);
    await store.noteOperation(lease, 'p-7f3k9.1', { state: 'verified', outcome: { kind: 'written' } });
    await store.releaseLease(lease);
    const theirs = (await other.acquireLease('another', 60_000, 'apply'))!;
    const late = anOperation('p-7f3k9.3');
    await expect(store.recordOperation(lease, late, 4_000)).rejects.toThrow(LeaseLostError);
    const news = { state: 'failed' } as const;
    await expect(store.noteOperation(lease, 'p-7f3k9.1', news)).rejects.toThrow(LeaseLostError);
    await other.releaseLease(theirs);
    expect(await store.operations({ states: ['sent', 'unknown'] })).toMatchObject([{ id: 'p-7f3k9.2' }]);
    expect(await store.operations({ resources: ['vm/101'], since: 0 })).toMatchObject([
      { state: 'verified', outcome: { kind: 'written' } },
    ]);
  });

  it('keeps what happened to plans in its order', async () => {
    const event = { plan: 'p-x', at: 9, type: 'refused', who: 'bob', how: null, facts: { a: 1 } } as const;
    await store.addPlanEvent(event);
    await other.addPlanEvent({ ...event, at: 10, type: 'approved', how: 'terminal' });
    expect(await store.planEvents({ plan: 'p-x' })).toMatchObject([event, { type: 'approved' }]);
    expect(await store.planEvents({ since: 10, until: 10 })).toHaveLength(1);
    await store.endPlan('p-7f3k9', { outcome: 'done' });
    expect(await store.plan('p-7f3k9')).toMatchObject({ usedAt: 1_000, outcome: 'done' });
  });
});
