import { UsageError } from '../../errors.ts';
import { VIEW_TABLES } from '../query/view-tables.ts';
import type { PgConnection } from './connection.ts';

const TABLES: ReadonlySet<unknown> = new Set(VIEW_TABLES);
/** Functions that views use in FROM. */
const FUNCTIONS: ReadonlySet<unknown> = new Set(['json_each', 'json_array_elements']);

interface Plan {
  'Relation Name'?: string;
  Schema?: string;
  'Function Name'?: string;
  'Node Type'?: string;
  Plans?: Plan[];
}

/**
 * The second safeguard after the check of the statement: inspects PostgreSQL's own plan, and refuses one that reads a table
 * without a view, or uses any other function as a table. @throws UsageError
 */
export async function checkPlan(
  connection: PgConnection,
  sql: string,
  values: string[],
  schema: string,
): Promise<void> {
  const { rows } = await connection.query(`EXPLAIN (VERBOSE, FORMAT JSON) ${sql}`, values);
  const waiting: Plan[] = [rows[0]['QUERY PLAN'][0].Plan];
  for (let plan = waiting.pop(); plan !== undefined; plan = waiting.pop()) {
    waiting.push(...(plan.Plans ?? []));
    const table = plan['Relation Name'];
    const called = plan['Function Name'];
    const isForeign = table !== undefined && (!TABLES.has(table) || plan.Schema !== schema);
    if (isForeign || (called !== undefined && !FUNCTIONS.has(called)) || plan['Node Type'] === 'ModifyTable')
      throw new UsageError('SQL: it reads more than the views.');
  }
}
