import { parentPort, workerData } from 'node:worker_threads';
import type { QueryJob } from './query-job.ts';
import { runQuery } from './run-query.ts';

// The thread of query-process in which the statement runs.
parentPort?.postMessage(runQuery(workerData as QueryJob));
