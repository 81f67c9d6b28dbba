import { userOf } from '../../history/acts.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { TaskEntity } from '../../model/entity.ts';
import { taskKey } from '../../model/resource.ts';
import { clusterText } from '../format/text.ts';
import { type OutOfSight, unseenFields } from '../in-sight.ts';

/** Families of PVE task types, by what they do to a guest. */
export const TASK_FAMILIES: { [family: string]: string[] } = {
  start: ['qmstart', 'vzstart', 'hastart', 'qmresume', 'vzresume', 'qmreboot', 'vzreboot', 'startall'],
  stop: [
    'qmstop',
    'vzstop',
    'qmshutdown',
    'vzshutdown',
    'hastop',
    'qmsuspend',
    'vzsuspend',
    'qmpause',
    'stopall',
  ],
  backup: ['vzdump'],
  migrate: ['qmigrate', 'vzmigrate', 'hamigrate', 'harelocate', 'migrateall'],
  snapshot: ['qmsnapshot', 'vzsnapshot', 'qmdelsnapshot', 'vzdelsnapshot', 'qmrollback', 'vzrollback'],
  create: [
    'qmcreate',
    'vzcreate',
    'qmclone',
    'vzclone',
    'qmrestore',
    'vzrestore',
    'qmtemplate',
    'vztemplate',
  ],
  delete: ['qmdestroy', 'vzdestroy'],
  config: ['qmconfig', 'vzconfig', 'qmresize', 'resize', 'qmmove', 'move_volume', 'qmdisk', 'qmset'],
};

/** Other words that people use for families and single actions. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['restart', 'reboot'],
  ['migration', 'migrate'],
  ['deletion', 'delete'],
  ['remove', 'delete'],
]);

/**
 * The PVE task types meant: a single one (`qmstart`), a family (`backup`, `backups`), or an action by its bare name (`reboot`:
 * that of VMs, containers and HA); several separated by commas.
 */
export function taskTypes(asked: string): string[] {
  return asked.split(',').flatMap(typesCalled);
}

function typesCalled(asked: string): string[] {
  const word = asked.trim().toLowerCase();
  const act = [word, word.replace(/s$/, '')].map(one => WORDS.get(one) ?? one);
  const family = act.find(one => Object.hasOwn(TASK_FAMILIES, one));
  if (family !== undefined) return TASK_FAMILIES[family]!;
  return [asked.trim(), ...act.flatMap(one => [one, `qm${one}`, `vz${one}`, `ha${one}`])];
}

/** The stored statuses that each `result` stands for. */
export const TASK_RESULTS: { [result: string]: string[] } = {
  ok: ['ok', 'warning'],
  error: ['error'],
  running: ['running'],
  warning: ['warning'],
  unknown: ['unknown'],
};

/** A task's row: who did what to what, and how it ended; `out` if it is unknown whether it still runs. */
export function taskRow(task: TaskEntity, timeZone: string, now: number, out: OutOfSight | null): Row {
  const end = task.endTime ?? (task.status === 'running' && out === null ? now : null);
  return {
    upid: task.upid,
    node: task.nodeId,
    type: task.type,
    id: task.resourceType === 'node' ? null : taskKey(task),
    user: userOf(task),
    status:
      out !== null
        ? 'unknown'
        : task.status === 'running'
          ? 'running'
          : clusterText(task.exitStatus ?? task.status, 200),
    last_status: out === null ? null : task.status,
    ...unseenFields(out, timeZone),
    started_at: formatTime(task.startTime, timeZone),
    duration_seconds: end === null ? null : Math.max(0, Math.round((end - task.startTime) / 1000)),
  };
}
