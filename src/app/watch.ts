import { setTimeout as delay } from 'node:timers/promises';
import { describeError, MpcError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunEntity } from '../model/entity.ts';
import { FACETS } from '../model/facet.ts';
import { reasonText } from '../model/reason-text.ts';
import { unseenText } from '../model/unseen-text.ts';
import { createPruning } from './prune.ts';
import type { Runtime } from './runtime.ts';

/** Discovers until `signal` fires, at an interval measured from start to start. A failed run is repeated at the next turn. */
export async function watch(runtime: Runtime, everySeconds: number, signal: AbortSignal): Promise<void> {
  const { log } = runtime;
  const prune = createPruning(runtime);
  const outage = createOutage(log);
  let steady = false;
  while (!signal.aborted) {
    const started = Date.now();
    try {
      const { discovery } = await runtime.open();
      // Runs of other processes count: what one of them has just read is not read again.
      const facets = await discovery.due({ facets: new Set(FACETS), maxAgeMs: everySeconds * 500 });
      if (facets.size > 0) {
        const run = await discovery.discover({ facets, deep: false, guests: new Set() });
        outage.ended();
        tell(log, run, Date.now() - started, steady);
        steady = true;
      }
      await prune();
    } catch (error) {
      if (!signal.aborted) outage.goesOn(error);
      steady = false;
    }
    const rest = Math.max(0, everySeconds * 1000 - (Date.now() - started));
    await delay(rest, undefined, { signal }).catch(() => {});
  }
}

/** Logs an outage when it begins and when it ends; in between only failures of another kind. */
function createOutage(log: Log) {
  let since: number | null = null;
  let reported: string | undefined;
  let failures = 0;
  return {
    goesOn: (thrown: unknown) => {
      const error = describeError(thrown);
      const kind = thrown instanceof MpcError ? thrown.code : error;
      since ??= Date.now();
      failures += 1;
      if (kind === reported) log.debug('discovery still fails', { error });
      else log.error('discovery failed, and is tried again each turn', { error });
      reported = kind;
    },
    ended: () => {
      if (since !== null)
        log.info('discovery works again', {
          failures,
          outage_seconds: Math.round((Date.now() - since) / 1000),
        });
      since = null;
      reported = undefined;
      failures = 0;
    },
  };
}

/**
 * Logs a run that changed something. One that changed nothing is logged only if it is the first, or the first after an outage.
 */
function tell(log: Log, run: RunEntity, ms: number, steady: boolean): void {
  const { created, updated, deleted } = run.counts;
  const facts = { run: run.id, calls: run.apiCalls, ms, created, updated, deleted };
  if (created + updated + deleted > 0 || !steady) log.info('discovered', facts);
  else log.debug('discovered', facts);
  for (const { what, reason } of run.unseen)
    log.debug('not seen', { what: unseenText(what), reason: reasonText(reason) });
}
