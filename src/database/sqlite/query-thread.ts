import { parentPort, workerData } from 'node:worker_threads';
import type { QueryJob } from './query-job.ts';
import { runQuery } from './run-query.ts';

// The thread of query-process that runs the statement.
parentPort?.postMessage(runQuery(workerData as QueryJob));
