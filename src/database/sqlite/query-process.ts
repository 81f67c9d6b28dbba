import { Worker } from 'node:worker_threads';
import type { QueryJob, QueryReport } from './query-job.ts';

/** The memory of the process (bytes) at which a query is stopped, and how often it is checked (ms). */
const MEMORY_AT_MOST = 320 * 2 ** 20;
const LOOK_EVERY_MS = 20;

/*
 * A separate program that runs one query and ends. The statement runs in a thread, while this one watches the memory and
 * its parent: either ends the process at once, which nothing in SQLite can delay.
 */

const thread = new URL(
  import.meta.url.endsWith('.ts') ? './query-thread.ts' : './query-thread.js',
  import.meta.url,
);

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

function answer(report: QueryReport): void {
  process.send?.(report, end);
}

process.on('disconnect', end);
process.once('message', (job: QueryJob) => {
  const worker = new Worker(thread, { workerData: job, resourceLimits: { maxOldGenerationSizeMb: 64 } });
  worker.once('message', answer);
  worker.once('error', error => answer({ failed: 'memory', message: error.message }));
  setInterval(() => {
    if (process.memoryUsage.rss() > MEMORY_AT_MOST) answer({ failed: 'memory', message: 'too much' });
  }, LOOK_EVERY_MS);
});
