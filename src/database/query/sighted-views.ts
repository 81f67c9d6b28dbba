import type { GivenName, GivenRows } from '../../model/query.ts';
import type { ViewDialect } from './view-dialect.ts';
import type { VIEW_TABLES } from './view-tables.ts';

type ViewTable = (typeof VIEW_TABLES)[number];

/**
 * The dialect with which views show only what one token may see, if the rows that came with the query define that: every table
 * that a view reads is replaced by those of its rows. A statement cannot get around this, because it cannot name a table.
 */
export function sightedViews(d: ViewDialect, given: GivenRows): ViewDialect {
  if (given.seen_resources === undefined) return d;
  const listed = (name: GivenName) => `(SELECT ${d.cell(0, 'text')} FROM ${d.given(name)})`;
  // Evaluated only where used: PostgreSQL refuses a parameter that the statement does not contain.
  const rows: { [table in ViewTable]: () => string } = {
    nodes: () => `t.id IN ${listed('seen_nodes')}`,
    vms: () => `('vm/' || t.id) IN ${listed('seen_resources')}`,
    containers: () => `('container/' || t.id) IN ${listed('seen_resources')}`,
    guest_configs: () => `(t.resource_type || '/' || t.resource_id) IN ${listed('seen_resources')}`,
    details: () => `(t.topic || ' ' || t.subject || ' ' || t.source) IN ${listed('seen_details')}`,
    tasks: () => `(t.node_id IN ${listed('seen_nodes')} OR ${owned(d, 't."user"')})`,
    state_snapshots: () =>
      `${resourceOf('t')} IN ${listed('seen_resources')} AND NOT (t.field_count = 1 AND t.resource_type IN ('vm', 'container') AND ${movesHiddenPool(d, 't', listed('seen_pools'))})`,
  };
  return {
    ...d,
    table: name => {
      if (!Object.hasOwn(rows, name)) throw new Error(`nobody has said who may see ${name}`);
      return `(SELECT * FROM ${d.table(name)} t WHERE ${rows[name as ViewTable]()})`;
    },
    pool: expression => `CASE WHEN ${expression} IN ${listed('seen_pools')} THEN ${expression} END`,
  };
}

/** A resource as `formatKey` writes it. */
function resourceOf(alias: string): string {
  return `(CASE WHEN ${alias}.resource_type = 'cluster' THEN 'cluster' ELSE ${alias}.resource_type || '/' || ${alias}.resource_id END)`;
}

/** Whether a task's user is the token's owner, or another token of that owner. */
function owned(d: ViewDialect, user: string): string {
  const owner = d.cell(0, 'text');
  return `EXISTS (SELECT 1 FROM ${d.given('seen_users')} WHERE ${user} = ${owner} OR substr(${user}, 1, length(${owner}) + 1) = ${owner} || '!')`;
}

/** Whether a version moves a guest from or to a pool that may not be seen. */
function movesHiddenPool(d: ViewDialect, alias: string, pools: string): string {
  const value = (name: string) => d.scalar('f.value', name);
  const hidden = (name: string) => `coalesce(${value(name)} NOT IN ${pools}, false)`;
  return `EXISTS (SELECT 1 FROM ${d.elements(`${alias}.fields`, 'f')} WHERE ${value('path')} = 'pool' AND (${hidden('from')} OR ${hidden('to')}))`;
}
