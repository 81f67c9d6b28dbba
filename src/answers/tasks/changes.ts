import { CLONES } from '../../history/task-effects.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { TaskEntity } from '../../model/entity.ts';
import { type ChangeFacts, changeRows } from '../changes/rows.ts';
import { fitRows } from '../format/page.ts';

const CHANGES_AT_MOST = 5;
const VERSIONS_LOOKED_AT = 50;
const BYTES_AT_MOST = 4_000;
/** A change is recorded at the next look: how long after the task it is searched for (ms). */
const RECORDED_WITHIN_MS = 7 * 86_400_000;
/** Changes are recorded by our clock, tasks run by the cluster's: how far these may be apart (ms). */
const CLOCKS_APART_MS = 86_400_000;

/** Most changes searched for a clone, and how long after its task (ms). */
const COPIES_LOOKED_AT = 500;
const COPIES_SEEN_WITHIN_MS = 86_400_000;

/**
 * The recorded changes that name this task as a cause, newest first, limited to the fields it can have changed; for a clone, the
 * copy.
 */
export async function taskChanges(task: TaskEntity, context: ToolContext): Promise<Row[]> {
  const { resourceType: type, resourceId: id } = task;
  if (type === null || id === null) return [];
  const since = task.startTime - CLOCKS_APART_MS;
  const until = (task.endTime ?? context.now) + RECORDED_WITHIN_MS;
  const key = { type, id };
  const versions = await context.store.versions(
    { resource: key, since, until, changesOnly: true },
    { limit: VERSIONS_LOOKED_AT },
  );
  const rows = await changeRows(
    [...(await copiesSince(task, context)), ...versions.map(version => ({ ...version, key }))],
    context,
  );
  const caused = rows.flatMap(({ causes, why_unknown: _, ...row }) => {
    const mine = (causes as { upid?: string; fields?: string[] }[] | null)?.find(
      cause => cause.upid === task.upid,
    );
    if (mine === undefined) return [];
    if (mine.fields === undefined) return [row];
    const fields = (row['fields'] as { path: string }[]).filter(({ path }) => mine.fields!.includes(path));
    return [{ ...row, fields }];
  });
  return fitRows(caused.slice(0, CHANGES_AT_MOST), BYTES_AT_MOST);
}

/** Guests created while a clone was made, whose task bears the VMID of the original; none for other tasks. */
async function copiesSince(task: TaskEntity, { store, now }: ToolContext): Promise<ChangeFacts[]> {
  const type = Object.hasOwn(CLONES, task.type) ? CLONES[task.type] : undefined;
  if (type === undefined) return [];
  const since = task.startTime - CLOCKS_APART_MS;
  const until = (task.endTime ?? now) + COPIES_SEEN_WITHIN_MS;
  const versions = await store.versions(
    { type, since, until, changesOnly: true },
    { limit: COPIES_LOOKED_AT },
  );
  return versions
    .filter(({ change, windowBefore }) => change === 'created' && windowBefore >= task.startTime)
    .map(version => ({ ...version, key: { type, id: version.resourceId } }));
}
