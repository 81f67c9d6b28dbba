import type Database from 'better-sqlite3';
import { FUNCTIONS } from '../../sql/language.ts';
import { VIEW_TABLES } from '../query/view-tables.ts';
import { UNSEALED } from './query-job.ts';

/** Functions of the language that are rewritten before SQLite sees them (query/write-tokens). */
const REWRITTEN = new Set(['ago', 'now', 'date', 'datetime', 'cast', 'ifnull', 'substring']);
/** Functions that views and statements may call, by their names in SQLite's plans. */
const CALLED = new Set([
  ...[...FUNCTIONS].filter(name => !REWRITTEN.has(name)),
  ...['strftime', 'char', 'like', 'glob', '->', '->>', UNSEALED],
]);

/** Steps of a plan that open something for writing, or change the file or the connection. */
const WRITES =
  /^(?:OpenWrite|Clear|Destroy|Drop\w+|CreateBtree|ParseSchema|Vacuum|IncrVacuum|JournalMode|Checkpoint|SetCookie|VUpdate|VCreate|VDestroy|VBegin|VRename|Expire|LoadAnalysis|TableLock)$/;

interface Step {
  opcode: string;
  p2: number;
  p3: number;
  p4: string | null;
}

/**
 * The second safeguard after the check of the statement: inspects SQLite's own program, and refuses one that opens a table
 * without a view, calls any other function, or writes. @throws Error
 */
export function checkPlan(db: Database.Database, sql: string, parameters: { [name: string]: string }): void {
  const names = VIEW_TABLES.map(() => '?').join(', ');
  const roots = new Set(
    db
      .prepare(`SELECT rootpage FROM main.sqlite_master WHERE tbl_name IN (${names})`)
      .pluck()
      .all(...VIEW_TABLES),
  );
  for (const step of db.prepare(`EXPLAIN ${sql}`).all(parameters) as Step[]) {
    const isForeign = /^(?:OpenRead|ReopenIdx)$/.test(step.opcode) && (step.p3 !== 0 || !roots.has(step.p2));
    if (isForeign || WRITES.test(step.opcode)) throw new Error('it reads more than the views');
    const [, called] = /^(.+)\(-?\d+\)$/.exec(step.p4 ?? '') ?? [];
    if (/^(?:Function|PureFunc|Agg\w*)$/.test(step.opcode) && called !== undefined && !CALLED.has(called))
      throw new Error(`it calls ${called}`);
  }
}
