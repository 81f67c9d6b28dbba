import { beforeAll, expect, it } from 'vitest';
import { type DatabaseStore, DuplicateError } from '../../../src/database/index.ts';
import { pruneStore } from '../../../src/database/maintenance/prune.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aNode, aPlan, aRevision, startWriting } from '../../support/database-fixtures.ts';

onBothEngines('declarations and plans', engine => {
  let store: DatabaseStore;
  let other: DatabaseStore;
  beforeAll(async () => {
    [store, other] = await engine.openTwice();
  });

  it('numbers revisions one after the other, whoever writes them', async () => {
    expect(await store.declaration()).toBeNull();
    const first = aRevision({ at: 1_000, hash: '1' });
    expect(await store.addRevision(0, first)).toEqual({ number: 1, ...first });
    const attempts = await Promise.all(
      [store, other, store, other].map((one, n) =>
        one.addRevision(1, aRevision({ at: 2_000, hash: `2${n}`, author: `a${n}` })),
      ),
    );
    const stood = attempts.filter(one => one !== null);
    expect(stood).toHaveLength(1);
    expect(await other.declaration()).toEqual(stood[0]);
    expect(await store.addRevision(0, first)).toBeNull();
    expect(await store.revisions({})).toHaveLength(2);
  });

  it('finds the one in force at a moment, and those of a span', async () => {
    expect(await store.declaration(999)).toBeNull();
    expect((await store.declaration(1_000))?.number).toBe(1);
    expect((await store.declaration(5_000))?.number).toBe(2);
    expect((await store.revisions({ since: 1_500 })).map(one => one.number)).toEqual([2]);
    expect((await store.revisions({ until: 1_500 })).map(one => one.number)).toEqual([1]);
    expect((await store.revision(1))?.hash).toBe('1');
  });

  it('keeps a plan once, whole', async () => {
    await store.savePlan(aPlan('p-1'));
    expect(await other.plan('p-1')).toEqual(aPlan('p-1'));
    await expect(store.savePlan(aPlan('p-1'))).rejects.toThrow(DuplicateError);
    expect(await store.plan('p-2')).toBeNull();
  });

  it('pruning drops plans that expired unused, and no revision', async () => {
    await store.savePlan(aPlan('p-used', { usedAt: 5, expiresAt: 10 }));
    await store.savePlan(aPlan('p-old', { expiresAt: 10 }));
    const { commit } = await startWriting(store);
    await commit(writer => writer.upsertNodes([aNode()]));
    const { at } = (await store.lastCommit())!;
    const pruned = await pruneStore(store, at);
    expect(pruned.plans).toBe(2);
    expect(await store.plan('p-used')).not.toBeNull();
    expect(await store.plan('p-old')).toBeNull();
    expect(await store.revisions({})).toHaveLength(2);
  });
});
