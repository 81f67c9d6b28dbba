import { afterEach, expect, test } from 'vitest';
import type { CommitWriter } from '../../../src/model/store.ts';
import { type Lab, startLab } from '../../support/lab.ts';

/*
 * What a refresh writes: an idle one the guests' usage and nothing else, and one change no more than that.
 */

let lab: Lab;
afterEach(() => lab?.close());

/** Rows handed to each of a commit's methods since the last `reset`, and every other write to the store. */
function counter() {
  let rows: Record<string, number> = {};
  const add = (method: string, by: number) => {
    if (by > 0) rows[method] = (rows[method] ?? 0) + by;
  };
  const counting = <T extends object>(target: T, watch: (name: string, args: unknown[]) => unknown[]): T =>
    new Proxy(target, {
      get: (of, name) => {
        const value = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => value.apply(of, watch(String(name), args));
      },
    });
  const writer = (commit: CommitWriter) =>
    counting(commit, (name, args) => {
      const list = args.at(-1);
      add(name, Array.isArray(list) ? list.length : 0);
      return args;
    });
  const wrapStore: NonNullable<Parameters<typeof startLab>[0]>['wrapStore'] = store =>
    counting(store, (name, args) => {
      if (/^save/.test(name)) add(name, 1);
      if (name !== 'commitFacet') return args;
      const write = args[2] as (commit: CommitWriter) => Promise<unknown>;
      return [args[0], args[1], (commit: CommitWriter) => write(writer(commit))];
    });
  return { wrapStore, rows: () => rows, reset: () => (rows = {}) };
}

test('an idle refresh writes usage only; a change is written beside it', async () => {
  const work = counter();
  lab = await startLab({ guests: 40, wrapStore: work.wrapStore });
  const { sim } = lab;
  await lab.discover();
  sim.clock.advance(20_000);
  await lab.discover({ facets: ['inventory'] });

  work.reset();
  sim.clock.advance(20_000);
  await lab.discover({ facets: ['inventory'] });
  const guests = Object.values(sim.truth.state().guests);
  expect(work.rows()).toEqual({
    upsertNodes: Object.keys(sim.truth.state().nodes).length,
    refreshGuests: guests.length,
    // When the quorum was last seen.
    upsertDetails: 1,
  });

  const victim = guests.find(guest => guest.status === 'running' && !guest.template)!;
  sim.world.stop(victim.vmid, { user: 'bob@pve' });
  sim.clock.advance(20_000);
  work.reset();
  await lab.discover({ facets: ['inventory'] });
  expect(work.rows()).toMatchObject({ upsertGuests: 1, refreshGuests: guests.length - 1, insertVersions: 1 });
});

test('what was refreshed in passing is read as if it had been written whole', async () => {
  lab = await startLab({ guests: 20 });
  await lab.discover();
  lab.sim.clock.advance(40_000);
  await lab.discover({ facets: ['inventory'] });
  const at = (await lab.store.lastCommit('inventory'))!.observedAt;
  const rows = [...(await lab.store.guests('vm')).rows, ...(await lab.store.guests('container')).rows];
  expect(rows.length).toBe(20);
  for (const guest of rows) expect([guest.id, guest.lastSeen, guest.updatedAt]).toEqual([guest.id, at, at]);
  const running = rows.filter(guest => guest.status === 'running');
  expect(running.length).toBeGreaterThan(0);
  for (const guest of running)
    expect(guest.uptime! * 1000).toBeLessThanOrEqual(at - guest.startedAt! + 60_000);
});
