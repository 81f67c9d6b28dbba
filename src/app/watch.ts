import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../errors.ts';
import { FACETS } from '../model/facet.ts';
import { createPruning } from './prune.ts';
import type { Runtime } from './runtime.ts';

/** Discovers until `signal` fires, every so many seconds from start to start. A failure is logged and tried again. */
export async function watch(runtime: Runtime, everySeconds: number, signal: AbortSignal): Promise<void> {
  const { log } = runtime;
  const prune = createPruning(runtime);
  let failing = false;
  while (!signal.aborted) {
    const started = Date.now();
    try {
      const { discovery } = await runtime.open();
      const run = await discovery.discover({ facets: new Set(FACETS), deep: false, guests: new Set() });
      const { created, updated, deleted } = run.counts;
      const changed = created + updated + deleted > 0;
      const facts = { run: run.id, calls: run.apiCalls, ms: Date.now() - started, created, updated, deleted };
      if (changed || failing || run.id === 1) log.info('discovered', facts);
      else log.debug('discovered', facts);
      for (const { what, reason } of run.unseen) log.debug('not seen', { what, reason });
      failing = false;
      await prune();
    } catch (error) {
      if (!signal.aborted) log.error('discovery failed', { error: describeError(error) });
      failing = true;
    }
    const rest = Math.max(0, everySeconds * 1000 - (Date.now() - started));
    await delay(rest, undefined, { signal }).catch(() => {});
  }
}
