import * as z from 'zod';
import { queryFacts } from '../src/answers/sql/query.ts';
import { longText, readArguments, whole } from '../src/mcp/define/input.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';
import { checkQuery } from '../src/sql/check.ts';

const DEFAULT_ROWS = 200;

/** The statement is checked before anything is refreshed or read. The facets to refresh follow from its views and columns. */
export const querySql = defineTool({
  name: 'query_sql',
  title: 'SQL query',
  description:
    'Joins and sums: one SELECT over guests, guest_tags, config (resource, key, value), pending, disks, ' +
    'nics, addresses, snapshots, nodes, storage, backups, backup_jobs, tasks, changes, change_fields. proxmox://schema has their ' +
    "columns, errors name near ones. Past times: ago('7d'). " +
    'Example: {"sql":"select node, sum(memory_mib) from guests group by node"}.',
  input: {
    sql: longText('The SELECT.', 5_000),
    limit: whole(1, 1_000, `Most rows, default ${DEFAULT_ROWS}.`),
    ...readArguments,
  },
  output: {
    columns: z.array(z.string()),
    rows: z.array(z.array(z.any())),
    truncated: z.boolean(),
  },
  annotations: READ_ONLY,
  needs: ({ sql }) => checkQuery(sql).facets,
  example: { sql: 'select node, sum(memory_mib) from guests group by node' },
  handler: ({ sql, limit }, context) => queryFacts(checkQuery(sql), limit ?? DEFAULT_ROWS, context),
});
