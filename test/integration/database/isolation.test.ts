import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ConnectionLostError,
  type DatabaseStore,
  LeaseLostError,
  openStore,
} from '../../../src/database/index.ts';
import { ourTime } from '../../../src/model/time.ts';
import { onBothEngines, packageRoot } from '../../support/database-engine.ts';
import { aGuest, aNode, aVersion, startWriting } from '../../support/database-fixtures.ts';
import { startOwnPostgres } from '../../support/database-postgres.ts';

onBothEngines('isolation', engine => {
  let store: DatabaseStore;
  let other: DatabaseStore;
  let url: string;
  beforeAll(async () => {
    url = await engine.newStore();
    store = await engine.open({ url });
    other = await engine.open({ url });
    await store.repositories.nodes.create(aNode());
  });

  it('no reader ever sees an uncommitted row, in this process or another', async () => {
    const { commit, lease } = await startWriting(store);
    await commit(async writer => {
      await writer.upsertGuests('vm', [aGuest(101)]);
      await writer.insertVersions([aVersion(101)]);
      for (const reader of [store, other]) {
        expect(await reader.guest('vm', 101)).toBeNull();
        expect((await reader.guests('vm')).total).toBe(0);
        expect(await reader.versions({})).toEqual([]);
        expect(await reader.lastCommit()).toBeNull();
      }
    });
    for (const reader of [store, other]) {
      expect(await reader.guest('vm', 101)).not.toBeNull();
      expect(await reader.countVersions({})).toBe(1);
    }
    await store.releaseLease(lease);
  });

  it('an acknowledged write survives another write being rolled back at the same time', async () => {
    let inside: () => void = () => {};
    const entered = new Promise<void>(resolve => {
      inside = resolve;
    });
    const failing = store.transaction(async tx => {
      await tx.nodes.create(aNode('doomed'));
      inside();
      await sleep(50);
      throw new Error('rolled back');
    });
    await entered;
    const acknowledged = store.saveNote('kept', 'yes');
    await expect(failing).rejects.toThrow();
    await acknowledged;
    expect(await store.note('kept')).toBe('yes');
    expect(await store.repositories.nodes.findById('doomed')).toBeNull();
  });

  it('readers do not wait for a writer', async () => {
    await store.transaction(async tx => {
      await tx.nodes.create(aNode('slow'));
      // Waiting would never end: the transaction does, after them.
      expect(await other.nodes()).not.toContainEqual(expect.objectContaining({ id: 'slow' }));
      expect(await store.nodes()).not.toContainEqual(expect.objectContaining({ id: 'slow' }));
    });
    await store.repositories.nodes.deleteMany(['slow']);
  });

  describe('the lease', () => {
    it('goes to one holder at a time and its fence grows', async () => {
      const mine = (await store.acquireLease('a', 60_000))!;
      expect(await other.acquireLease('b', 60_000)).toBeNull();
      expect(await store.renewLease(mine, 60_000)).toBe(true);
      expect(mine.expiresAt).toBeGreaterThan(Date.now() + 30_000);
      await store.releaseLease(mine);
      const theirs = (await other.acquireLease('b', 60_000))!;
      expect(theirs.fence).toBe(mine.fence + 1);
      expect(await store.renewLease(mine, 60_000)).toBe(false);
      await store.releaseLease(mine);
      expect(await store.acquireLease('a', 60_000)).toBeNull();
      await other.releaseLease(theirs);
    });

    it('is refreshed for a holder that asks again, and the older one is void', async () => {
      const first = (await store.acquireLease('a', 60_000))!;
      const second = (await store.acquireLease('a', 60_000))!;
      expect(second.fence).toBe(first.fence + 1);
      expect(await store.renewLease(first, 1000)).toBe(false);
      await store.releaseLease(second);
    });

    it('a holder that slept past it commits nothing, taken over or not', async () => {
      const run = await store.startRun(['inventory']);
      const options = { runId: run.id, facet: 'inventory', observedAt: ourTime(1), complete: true } as const;
      const before = await store.lastCommit();
      const lease = (await store.acquireLease('sleeper', 30))!;
      await sleep(60);
      let ran = false;
      const attempt = () =>
        store.commitFacet(lease, options, async writer => {
          ran = true;
          await writer.upsertNodes([aNode('stale')]);
        });
      await expect(attempt()).rejects.toThrow(LeaseLostError);
      const taken = (await other.acquireLease('b', 60_000))!;
      await expect(attempt()).rejects.toMatchObject({ code: 'lease_lost', hint: expect.any(String) });
      expect(ran).toBe(false);
      expect(await store.lastCommit()).toEqual(before);
      expect(await store.repositories.nodes.findById('stale')).toBeNull();
      await other.releaseLease(taken);
    });

    it('is free at once when it is released', async () => {
      for (let n = 0; n < 50; n++) {
        const holder = n % 2 ? store : other;
        const lease = await holder.acquireLease(`holder-${n}`, 60_000);
        expect(lease, `after ${n} releases`).not.toBeNull();
        await holder.releaseLease(lease!);
      }
    });

    it('that another handle of this process took holds for a commit', async () => {
      const lease = (await store.acquireLease('a', 60_000))!;
      const run = await other.startRun(['inventory']);
      const options = { runId: run.id, facet: 'inventory', observedAt: ourTime(1), complete: true } as const;
      const seq = await other.commitFacet(lease, options, async writer => writer.seq);
      expect((await store.lastCommit())!.seq).toBe(seq);
      await store.releaseLease(lease);
    });

    it('a commit extends it', async () => {
      const { commit, lease } = await startWriting(store);
      await store.renewLease(lease, 200);
      await commit(async () => {});
      await sleep(250);
      expect(await store.renewLease(lease, 60_000)).toBe(true);
      await store.releaseLease(lease);
    });
  });

  it('a commit that throws writes nothing and lets the next one through', async () => {
    const { commit, lease } = await startWriting(store);
    const before = await store.lastCommit();
    const failing = commit(async writer => {
      await writer.upsertNodes([aNode('half')]);
      await writer.upsertGuests('vm', [aGuest(500, { nodeId: 'nowhere' })]);
    });
    await expect(failing).rejects.toMatchObject({ code: 'foreign_key' });
    expect(await store.lastCommit()).toEqual(before);
    expect(await store.repositories.nodes.findById('half')).toBeNull();
    await commit(async () => {});
    expect((await store.lastCommit())!.seq).toBeGreaterThan(before!.seq);
    await store.releaseLease(lease);
  });

  if (engine.name === 'postgresql')
    it('a server that is gone is named', async () => {
      const gone = engine.open({ url: 'postgresql://u:geheim@127.0.0.1:1/none' });
      await expect(gone).rejects.toThrow(ConnectionLostError);
      const error = (await gone.catch((thrown: unknown) => thrown)) as Error;
      expect(JSON.stringify([error.message, (error as ConnectionLostError).hint])).not.toContain('geheim');
    });
});

// A server that TEST_POSTGRES_URL names is not ours to restart.
if (!process.env.TEST_POSTGRES_URL)
  it('reads go on when PostgreSQL restarts under them, for as long as they may wait', async () => {
    const server = await startOwnPostgres();
    const url = await server.createStore();
    const open = (reconnectMs?: number) =>
      openStore({ url, packageRoot, ...(reconnectMs !== undefined && { reconnectMs }) });
    const [store, patient, hasty] = await Promise.all([open(), open(30_000), open(0)]);
    try {
      await store.repositories.nodes.create(aNode());
      const failures: unknown[] = [];
      let up = false;
      let reads = 0;
      const reading = (async () => {
        for (; !up || reads === 0; reads++) expect((await patient.nodes()).length).toBeGreaterThan(0);
      })();
      const failing = (async () => {
        while (!up) await hasty.nodes().catch((error: unknown) => failures.push(error));
      })();
      await server.restart!();
      up = true;
      await Promise.all([reading, failing]);
      expect(failures.length).toBeGreaterThan(0);
      for (const failure of failures) expect(failure).toBeInstanceOf(ConnectionLostError);
      for (const each of [store, hasty]) expect((await each.nodes()).length).toBeGreaterThan(0);
      await store.saveNote('after', 'restart');
    } finally {
      for (const each of [store, patient, hasty]) await each.close();
      await server.stop();
    }
  });
