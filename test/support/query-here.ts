import { join } from 'node:path';
import { queryJob, resultOf } from '../../src/database/sqlite/query.ts';
import { runQuery } from '../../src/database/sqlite/run-query.ts';
import type { Lab } from './lab.ts';

/**
 * Has a lab's SQLite store run queries in this process: starting one for each costs ten times what the statement does. What
 * the process of its own is for, to bound and to end a query, is held where it is not replaced (sql/hostile.test.ts).
 */
export function queryHere(lab: Lab): void {
  const path = join(lab.folder, 'store.db');
  lab.store.query = async (query, options) => resultOf(runQuery(queryJob(path, query, options)));
}
