import type { ViewName } from '../model/query.ts';
import type { ColumnType, SqlView } from './view.ts';
import { clusterViews } from './views/cluster.ts';
import { guestParts } from './views/guest-parts.ts';
import { guests } from './views/guests.ts';
import { historyViews } from './views/history.ts';

/** Every view of query_sql, the same on both engines. The source of `proxmox://schema` and docs/sql-views.md. */
export const VIEWS: Readonly<Record<ViewName, SqlView>> = {
  guests,
  ...guestParts,
  ...clusterViews,
  ...historyViews,
};

/** The views with a column of this name. */
export function viewsWith(column: string): ViewName[] {
  return (Object.keys(VIEWS) as ViewName[]).filter(view => Object.hasOwn(VIEWS[view].columns, column));
}

/** The types that columns of this name have in the given views. */
export function columnTypes(column: string, views: Iterable<ViewName>): ColumnType[] {
  return [...views].flatMap(view => {
    const { columns } = VIEWS[view];
    return Object.hasOwn(columns, column) ? [columns[column]!.type] : [];
  });
}
