import * as z from 'zod';
import { quoted } from '../src/answers/format/text.ts';
import { taskSights } from '../src/answers/in-sight.ts';
import { taskChanges } from '../src/answers/tasks/changes.ts';
import { logParts } from '../src/answers/tasks/log.ts';
import { taskRow } from '../src/answers/tasks/rows.ts';
import { describeError, UsageError } from '../src/errors.ts';
import { readArguments, requiredText, whole } from '../src/mcp/define/input.ts';
import { objectOutput, rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY, type TaskLog, type ToolContext } from '../src/mcp/define/tool.ts';
import type { TaskEntity } from '../src/model/entity.ts';
import { GUEST_TYPES, type GuestType } from '../src/model/resource.ts';
import { NEWEST_SEQ } from '../src/model/store.ts';
import { fromNodeTime } from '../src/model/time.ts';
import { parseUpid, taskResource, type Upid } from '../src/model/upid.ts';

const DEFAULT_LINES = 20;
/** What PVE returns as the log of a task that it does not know or no longer keeps. */
const NO_LOG = /^(?:unable to open file|no content)/;

/** Reads logs from Proxmox, since the store keeps none. A task missing from the store is described by its UPID. */
export const getTask = defineTool({
  name: 'get_task',
  title: 'One task',
  description:
    'One task: who started it, how it ended, what it changed, the end of its log and the errors in it, read now. ' +
    'Find the upid with list_tasks or in causes. Example: {"upid":"UPID:pve1:...:","log_lines":50}.',
  input: {
    upid: requiredText('As answers show it.'),
    log_lines: whole(0, 500, 'Last log lines, default 20.'),
    ...readArguments,
  },
  output: {
    task: objectOutput('As in list_tasks, and changes.'),
    log: z.array(z.string()).optional(),
    trouble: rowsOutput('Earlier errors: line, text.').optional(),
    left_out: z.int().optional(),
  },
  annotations: READ_ONLY,
  needs: ['tasks'],
  example: { upid: 'UPID:pve1:00000760:34943E27:6AFFEB40:qmreboot:101:root@pam:' },
  handler: async (input, context) => {
    const upid = parseUpid(input.upid.trim());
    if (upid === null)
      throw new UsageError(`${quoted(input.upid, 80)} is not a UPID.`, {
        hint: 'It begins with UPID: and ends with a colon; list_tasks shows them.',
      });
    const stored = await context.store.task(input.upid.trim());
    const count = input.log_lines ?? DEFAULT_LINES;
    const { log, fault } = await readLog(input.upid.trim(), upid, count, context);
    if (stored === null && log === null)
      throw new UsageError('No task with that UPID is recorded.', {
        hint: `${fault === undefined ? '' : `${fault} `}list_tasks shows the recorded ones; Proxmox keeps tasks only for a while.`,
      });
    const parts = log && logParts(log, count);
    const task = stored ?? (await fromUpid(input.upid.trim(), upid, parts?.log ?? [], context.store));
    const changes = stored === null ? [] : await taskChanges(stored, context);
    return {
      task: {
        ...taskRow(task, context.timeZone, context.now, (await taskSights(context.store)).of(task)),
        ...(changes.length > 0 && { changes }),
      },
      ...(parts && {
        log: parts.log,
        ...(parts.trouble.length > 0 && { trouble: parts.trouble }),
        ...(parts.leftOut > 0 && { left_out: parts.leftOut }),
      }),
      ...(fault !== undefined && { hint: fault }),
    };
  },
});

/** The log, or why there is none. */
async function readLog(
  text: string,
  upid: Upid,
  count: number,
  { readTaskLog }: ToolContext,
): Promise<{ log: TaskLog | null; fault?: string }> {
  if (count === 0) return { log: null };
  if (readTaskLog === undefined) return { log: null, fault: 'Logs cannot be read here.' };
  try {
    const log = await readTaskLog(upid.node, text);
    return log.lines.length === 1 && NO_LOG.test(log.lines[0]!.text)
      ? { log: null, fault: 'Its node has no log for it.' }
      : { log };
  } catch (error) {
    return { log: null, fault: `The log could not be read: ${quoted(describeError(error), 200)}.` };
  }
}

/** A task missing from the store: its UPID, whose start is by the node's clock, and the result in the last line of its log. */
async function fromUpid(
  text: string,
  upid: Upid,
  log: string[],
  store: ToolContext['store'],
): Promise<TaskEntity> {
  const [[node], keeper] = await Promise.all([store.details('node', [upid.node]), keeperOf(upid.id, store)]);
  const resource = taskResource(upid, () => keeper);
  const [, end] = /^TASK (.*)$/.exec(log.at(-1) ?? '') ?? [];
  return {
    upid: text,
    nodeId: upid.node,
    type: upid.type,
    status: end === undefined ? 'running' : end === 'OK' ? 'ok' : 'error',
    resourceType: resource?.type ?? null,
    resourceId: resource?.id ?? null,
    user: upid.user,
    tokenId: upid.token ?? null,
    startTime: fromNodeTime(upid.startedAt, node?.data.clockAheadMs ?? 0),
    endTime: null,
    exitStatus: end?.replace(/^ERROR: /, '') ?? null,
    logEntries: null,
  };
}

/** The type of the guest that has or last had a VMID; undefined if none was ever seen. */
async function keeperOf(id: string, store: ToolContext['store']): Promise<GuestType | undefined> {
  const last = await store.versionsAt(
    NEWEST_SEQ,
    GUEST_TYPES.map(type => ({ type, id })),
  );
  const keeper = last.find(one => one.change !== 'deleted') ?? last.sort((a, b) => b.id - a.id)[0];
  return GUEST_TYPES.find(type => type === keeper?.type);
}
