import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { isGuestType, type ResourceKey } from '../../model/resource.ts';
import { changeRows } from '../changes/rows.ts';
import { fitRows } from '../format/page.ts';
import { taskSights } from '../in-sight.ts';
import { taskRow } from '../tasks/rows.ts';

/** The parts that get_resource can include. */
export const PARTS = ['config', 'usage', 'snapshots', 'tasks', 'history', 'pending'] as const;
/** One of `PARTS`. */
export type Part = (typeof PARTS)[number];

/** Largest size of the rows of one part (bytes). */
const PART_BYTES_AT_MOST = 4_000;

/** What is asked about one resource. */
export interface Wanted {
  has: (part: Part) => boolean;
  /** Most tasks and changes listed. */
  rows: number;
  /** For a past moment: the place in the sequence and the time (ms). */
  moment: { seq: number; at: number; beforeHistory?: boolean } | null;
}

/** The same of one that is shown as it was. */
export interface WantedThen extends Wanted {
  moment: NonNullable<Wanted['moment']>;
}

/** The newest tasks and recorded changes of a resource, up to the moment shown. */
export async function recentParts(
  key: ResourceKey,
  { has, rows, moment }: Wanted,
  context: ToolContext,
): Promise<Row> {
  const { store, timeZone, now } = context;
  const [tasks, versions] = await Promise.all([
    has('tasks') && (key.type === 'node' || isGuestType(key.type))
      ? store.tasks({ resource: key, until: moment?.at }, { by: 'startTime', order: 'desc' }, { limit: rows })
      : null,
    has('history')
      ? store.versions(
          { resource: key, changesOnly: true, ...(moment && { to: moment.seq }) },
          { limit: rows },
        )
      : null,
  ]);
  const sights = await taskSights(store);
  const changes =
    versions &&
    (await changeRows(
      // The name shows that a change in an earlier life of its number was another guest's.
      versions.map(version => ({
        ...version,
        name: version.incarnation === versions[0]!.incarnation ? null : version.name,
        key,
      })),
      context,
    ));
  return {
    tasks:
      tasks &&
      fitRows(
        tasks.rows.map(task => {
          const { id: _, ...row } = taskRow(task, timeZone, now, sights.of(task));
          return row;
        }),
        PART_BYTES_AT_MOST,
      ),
    history:
      changes &&
      fitRows(
        changes.map(({ resource: _, ...change }) => change),
        PART_BYTES_AT_MOST,
      ),
  };
}
