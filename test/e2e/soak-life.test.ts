import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startServer } from '../../bench/support/stdio-server.ts';
import { openStore } from '../../src/database/index.ts';
import type { ResourceType } from '../../src/model/resource.ts';
import { brokenChains, differencesFromTruth, inventedChanges } from '../support/compare-truth.ts';
import { PROGRAM, ROOT, startWorld } from '../support/program.ts';
import { type Alive, anyStep, heal, overcounted, type Step, take } from '../support/random-life.ts';

/** SOAK=seconds; SEED=number lives a life again. */
const SOAKS = process.env['SOAK'] !== undefined;
const SECONDS = Number(process.env['SOAK'] ?? 2);
const SEED = Number(process.env['SEED'] ?? (SOAKS ? Date.now() % 1_000_000 : 1));
/** Time passes so much faster that the soak's 15 minutes are two hours of a cluster's life. */
const FASTER = SOAKS ? 8 : 40;
const MEASURED = 20;

/** What belongs to one process that must not grow. */
async function sizeOf(pid: number): Promise<{ rssMb: number; handles: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const handles = (await readdir(`/proc/${pid}/fd`)).length;
  return { rssMb: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024), handles };
}

/** What may happen while one and the same process looks on. */
function happens(step: Step): boolean {
  if (step.do === 'fault') return step.fault.times !== 1000;
  return !['skew', 'crash', 'restart', 'advance', 'discover'].includes(step.do);
}

// Kills: whatever grows with the number of runs, and whatever goes wrong only after thousands of them.
test(`a server that looks on for ${SECONDS} s at a cluster's life neither grows nor errs`, {
  timeout: (SECONDS + 180) * 1000,
}, async () => {
  const from = Date.now();
  const world = await startWorld({ guests: 40, now: from, realTime: false });
  const { sim } = world;
  const time = setInterval(() => sim.clock.set(from + (Date.now() - from) * FASTER), 2);
  const path = join(world.folder, 'store.db');
  const server = await startServer(PROGRAM, {
    env: { ...world.env, DATABASE_URL: `file:${path}`, FAST_CLOCK: `${FASTER}@${from}` },
    execArgv: ['--import', join(ROOT, 'test/support/fast-clock.ts')],
  });
  const failures: string[] = [];
  let calls = 0;
  const call = async (tool: string, args: object = {}) => {
    calls++;
    await server.call(tool, args).catch((error: Error) => failures.push(`${tool}: ${error.message}`));
  };
  const alive: Alive = { sim, skew: 0, restart: async () => {}, discover: () => call('discover') };
  const others: [string, object][] = [
    ['list_vms', { max_age_seconds: 0 }],
    ['get_cluster_status', {}],
    ['diff_state', { from: '1h' }],
    ['show_history', { limit: 20 }],
    ['list_tasks', {}],
  ];
  const sizes: { rssMb: number; handles: number }[] = [];
  const started = performance.now();
  let steps = 0;
  try {
    for (let round = 0; performance.now() - started < SECONDS * 1000; round++) {
      for (const step of fc.sample(anyStep, { numRuns: 40, seed: SEED + round }).filter(happens)) {
        await take(alive, step, { after: null });
        steps++;
        if (steps % 3 === 0) await call('discover', { deep: steps % 60 === 0 });
        const [tool, args] = others[steps % others.length]!;
        await call(tool, args);
        sim.requests.reset();
      }
      // Everything is well for a while, as mostly it is.
      heal(alive, 0);
      await call('discover');
      if (performance.now() - started > (sizes.length / MEASURED) * SECONDS * 1000)
        sizes.push(await sizeOf(server.pid));
    }
    for (let look = 0; look < 3; look++) {
      heal(alive, 0);
      // What was under way ends.
      await sleep(100_000 / FASTER / 3);
      await server.call('discover', { deep: true });
    }
    sizes.push(await sizeOf(server.pid));
  } finally {
    clearInterval(time);
    await server.stop();
  }
  const store = await openStore({ url: `file:${path}`, packageRoot: ROOT });
  const versions = await store.versions({});
  const runs = (await store.lastRun())!.id;
  const problems = [
    ...inventedChanges(versions, sim.truth.events).filter(one => !one.includes(' ha: ')),
    ...(await brokenChains(store)),
    ...(await differencesFromTruth(store, sim)),
    ...overcounted(versions, sim.truth.events),
  ];
  for (const problem of problems) {
    const [resource] = problem.split(/[ :]/);
    const [type, id] = resource!.split('/') as [ResourceType, string];
    const told = versions
      .filter(one => one.type === type && one.resourceId === id)
      .map(
        one =>
          `${one.at} recorded ${one.change} #${one.incarnation} seq ${one.seq} ${one.facet} after ${one.windowAfter} on ${one.node} ${one.fields.map(field => field.path)}`,
      );
    const real = sim.truth.events
      .filter(event => event.resource === resource)
      .map(
        event =>
          `${event.at} really ${event.change} ${event.fields?.map(field => field.path) ?? ''} ${event.cause?.type}`,
      );
    const tasks = (await store.tasks({ resource: { type, id } })).rows.map(
      task => `${task.startTime} task ${task.type} on ${task.nodeId} to ${task.endTime} ${task.status}`,
    );
    console.log([problem, ...[...told, ...real, ...tasks].sort()].join('\n'));
  }
  await store.close();
  const file = new Database(path, { readonly: true });
  const kept = file.prepare('SELECT count(*) FROM discovery_runs').pluck().get() as number;
  file.close();
  const third = sizes.slice(Math.floor(sizes.length / 3));
  console.log(
    JSON.stringify({
      seed: SEED,
      seconds: SECONDS,
      steps,
      calls,
      runs,
      kept,
      versions: versions.length,
      sizes,
    }),
  );
  await world.close();
  expect(problems).toEqual([]);
  // Where nobody asks the store, a fault of the API is the answer.
  expect(failures.filter(one => !one.startsWith('discover: '))).toEqual([]);
  expect(runs).toBeGreaterThan(SECONDS / 2);
  // Warmed up in the first third of a soak, it grows no more.
  if (SOAKS) expect(third.at(-1)!.rssMb).toBeLessThan(third[0]!.rssMb * 1.3 + 20);
  expect(third.at(-1)!.handles).toBeLessThanOrEqual(third[0]!.handles + 8);
});
