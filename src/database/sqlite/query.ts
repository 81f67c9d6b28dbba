import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../errors.ts';
import type { CheckedQuery, QueryOptions, QueryResult } from '../../model/query.ts';
import { DatabaseError, QueryLimitError } from '../errors.ts';
import { sightedViews } from '../query/sighted-views.ts';
import { QueryTurns, tookTooLong } from '../query/turns.ts';
import { withViews } from '../query/with-views.ts';
import type { QueryJob, QueryReport } from './query-job.ts';
import { sqliteViews } from './view-dialect.ts';

/**
 * Creates the function that runs queries over a store's file, each in its own process: a running SQLite statement cannot be
 * stopped from within its process, nor its memory bounded.
 */
export function sqliteQueries(path: string, packageRoot: string) {
  const turns = new QueryTurns();
  const program = import.meta.url.endsWith('.ts')
    ? fileURLToPath(new URL('./query-process.ts', import.meta.url))
    : join(packageRoot, 'dist', 'query-process.js');
  return (query: CheckedQuery, options: QueryOptions): Promise<QueryResult> => {
    const job = queryJob(path, query, options);
    return turns.run(options.withinMs, msLeft => run(program, job, msLeft));
  };
}

/** What is sent to the process: the statement over the views, and what may be seen. */
export function queryJob(
  path: string,
  query: CheckedQuery,
  { limit, given, now }: Omit<QueryOptions, 'withinMs'>,
): QueryJob {
  const parameters = Object.fromEntries(
    Object.entries(given).map(([name, rows]) => [name, JSON.stringify(rows)]),
  );
  return { path, sql: withViews(query, sightedViews(sqliteViews, given), now), parameters, limit };
}

/** Starts the process, sends it the job, and kills it when it has answered or its time is up. */
async function run(program: string, job: QueryJob, msLeft: number): Promise<QueryResult> {
  const child = fork(program, [], {
    execArgv: ['--max-old-space-size=64', '--max-semi-space-size=4'],
    // It inherits nothing: neither secrets nor flags.
    env: { ...(process.env['ELECTRON_RUN_AS_NODE'] && { ELECTRON_RUN_AS_NODE: '1' }) },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<QueryReport>();
  const timer = setTimeout(() => reject(tookTooLong()), msLeft);
  child.once('message', report => resolve(report as QueryReport));
  child.once('error', cause =>
    reject(new DatabaseError('query', 'The query could not be started.', { cause })),
  );
  // Not its exit, which may be reported before its answer has been read.
  child.once('disconnect', () =>
    reject(new DatabaseError('query', `The query ended without an answer (${child.exitCode}).`)),
  );
  child.send(
    job,
    error => error && reject(new DatabaseError('query', 'The query could not be sent.', { cause: error })),
  );
  try {
    return resultOf(await promise);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

/** The rows that a process reported. @throws QueryLimitError, UsageError where it has none */
export function resultOf(report: QueryReport): QueryResult {
  if ('columns' in report) return report;
  if (report.failed === 'memory')
    throw new QueryLimitError('The query needed more memory than one may have, and was stopped.');
  throw new UsageError(`SQL: ${report.message}.`, {
    hint: 'proxmox://schema has the columns of every view.',
  });
}
