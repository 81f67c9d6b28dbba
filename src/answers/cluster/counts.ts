import type { Row } from '../../mcp/define/output.ts';
import type { GuestGroup } from '../../model/filter.ts';
import { shownStatus } from '../../model/status.ts';
import { isGroupInSight, type NodeSights } from '../in-sight.ts';
import { sum } from './words.ts';

/** Counts by status, with their total. */
export function byStatus(statuses: [status: string, count: number][]): Row {
  const counts: { [status: string]: number } = {};
  for (const [status, count] of statuses) counts[status] = (counts[status] ?? 0) + count;
  return { total: sum(statuses.map(([, count]) => count)), ...counts };
}

/** Guests of a type by status, templates separately: `unknown` counts those that cannot be seen, whatever they were. */
export function guestsByStatus(groups: GuestGroup[], nodes: NodeSights): Row {
  const count = (some: GuestGroup[]) => sum(some.map(group => group.guests));
  const templates = groups.filter(group => group.template);
  const unseen = count(templates.filter(group => !isGroupInSight(group, nodes)));
  return {
    ...byStatus(
      groups
        .filter(group => !group.template)
        .map(group => [
          isGroupInSight(group, nodes) ? shownStatus(group.status, group.lock) : 'unknown',
          group.guests,
        ]),
    ),
    ...(templates.length > 0 && { templates: count(templates) - unseen }),
    ...(unseen > 0 && { templates_unknown: unseen }),
  };
}
