import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApplyPorts, createApplier } from '../../../src/apply/index.ts';
import { outcomeOf, stepResults } from '../../../src/desired/outcome.ts';
import type { Lease } from '../../../src/model/store.ts';
import { type ApplyLab, startApplyLab, storeWith } from '../../support/apply-lab.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { SOAK } from '../../support/soak.ts';

/** What a process does to the outside while it carries a plan out: after any of these it may be gone. */
type Act = 'record' | 'recorded' | 'send' | 'sent' | 'note' | 'noted' | 'read' | 'refresh';

/** Parts that stop for ever at the act of a number, as those of a killed process do, its timers too. */
function mortal(
  lab: ApplyLab,
  dies: (act: Act) => boolean,
): { ports: Partial<ApplyPorts>; dead: Promise<void> } {
  const death = Promise.withResolvers<void>();
  const leases: Lease[] = [];
  let gone = false;
  const alive = async (act: Act): Promise<void> => {
    if (!gone && !dies(act)) return;
    if (!gone) {
      gone = true;
      // Its lease runs out in half a minute; here at once.
      for (const lease of leases) await lab.store.releaseLease(lease);
      death.resolve();
    }
    return new Promise(() => {});
  };
  const around =
    <A extends unknown[], T>(before: Act, after: Act, work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await alive(before);
      const result = await work(...args);
      await alive(after);
      return result;
    };
  const { store } = lab;
  const ports = lab.ports();
  return {
    dead: death.promise,
    ports: {
      store: storeWith(lab, {
        acquireLease: async (holder, ttl, role) => {
          const lease = await store.acquireLease(holder, ttl, role);
          if (lease !== null) leases.push(lease);
          return lease;
        },
        recordOperation: around('record', 'recorded', (...args) => store.recordOperation(...args)),
        noteOperation: around('note', 'noted', (...args) => store.noteOperation(...args)),
      }),
      refresh: around('refresh', 'refresh', ports.refresh),
      connect: () => {
        const { reader, writer, close } = ports.connect();
        const get = around('read', 'read', reader.get.bind(reader) as (...args: never[]) => Promise<unknown>);
        return {
          reader: { ...reader, get } as unknown as typeof reader,
          writer: { ...writer, send: around('send', 'sent', (...args) => writer.send(...args)) },
          close,
        };
      },
    },
  };
}

onBothEngines('a process that is killed while it carries out a plan', engine => {
  let lab: ApplyLab;
  beforeAll(async () => {
    lab = await startApplyLab({ databaseUrl: await engine.newStore() });
  });
  afterAll(() => lab.close());
  beforeEach(() => lab.place());

  /** Kills at an act, lets the next start settle, and holds that against the cluster. */
  async function killed(dies: (act: Act) => boolean): Promise<void> {
    const plan = await lab.plan({ name: '*', set: ['tags+=prod', 'memory=640'] });
    const since = new Date(lab.sim.clock.now() - 1_000).toISOString();
    lab.sim.requests.reset();
    const { ports, dead } = mortal(lab, dies);
    const approval = async () => ({ by: 'alice', how: 'terminal' as const });
    // Nobody closes what was killed.
    const applied = createApplier({ ...lab.ports(), ...ports }).apply({
      plan,
      asker: 'killed',
      why: null,
      approval,
    });
    const survived = await Promise.race([applied.then(() => true), dead.then(() => false)]);
    // What was on its way when it died arrives all the same.
    lab.sim.clock.advance(60_000);
    const next = lab.another();
    await next.settle();
    const operations = await lab.store.operations({ plan });
    const writes = lab.writes();
    expect(writes.length, 'no write without a record').toBeLessThanOrEqual(operations.length);
    const guests = writes.map(({ path }) => path.split('/').slice(3, 5).join('/'));
    expect(new Set(guests).size, 'no write twice').toBe(guests.length);
    const truth = lab.sim.truth.state().guests;
    for (const { resource, state } of operations) {
      const has = truth[resource]!.tags.includes('prod');
      expect(['verified', 'pending', 'failed'], `${resource} is settled`).toContain(state);
      expect(state === 'verified' || state === 'pending', `${resource} has it: ${has}`).toBe(has);
    }
    const kept = (await lab.store.plan(plan))!;
    if (operations.length > 0) {
      expect(kept.usedAt).not.toBeNull();
      expect(kept.outcome).toBe(outcomeOf(stepResults(kept, operations)));
    }
    // A plan of which nothing was recorded can still be carried out; any other cannot.
    const again = await next.apply({ plan, asker: 'next', why: null, approval });
    expect(again.outcome, `survived: ${survived}`).toBe(operations.length === 0 ? 'done' : 'refused');
    await lab.discover({ facets: ['inventory', 'config', 'tasks'], deep: true });
    const { history } = await lab.call('show_history', { since, limit: 50 });
    const changes = history.filter(
      (row: { change?: string; fields?: { path: string; to: unknown }[] }) =>
        row.change === 'updated' &&
        row.fields?.some(({ path, to }) => path === 'tags' && String(to).includes('prod')),
    );
    for (const { causes } of changes) expect(causes).toMatchObject([{ source: 'operation', plan }]);
    const changed = Object.values(lab.sim.truth.state().guests).filter(one => one.tags.includes('prod'));
    expect(changes.map(({ resource }: { resource: string }) => resource).sort()).toEqual(
      changed.map(({ resource }) => resource).sort(),
    );
  }

  const nth = (wanted: Act, n: number) => {
    let count = 0;
    return (act: Act) => act === wanted && ++count === n;
  };
  const acts: Act[] = ['record', 'recorded', 'send', 'sent', 'note', 'noted', 'read'];

  // The first, the last, and the one between; all on both engines in the soak.
  test.each(acts)('at "%s" of a write sends nothing twice and is told as it was', async act => {
    for (const n of SOAK ? [1, 2, 3] : engine.name === 'sqlite' ? [1, 3] : [2]) {
      await lab.place();
      await killed(nth(act, n));
    }
  });

  if (SOAK)
    test('at 200 random moments sends nothing twice and is told as it was', async () => {
      for (let round = 0; round < 200; round++) {
        await lab.place();
        const at = Math.floor(Math.random() * 60);
        let count = 0;
        await killed(() => count++ === at);
      }
    });
});
