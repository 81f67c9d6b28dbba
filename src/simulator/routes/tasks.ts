import { badParameters } from '../api-error.ts';
import { type ApiRequest, Envelope, type Route } from '../route.ts';
import type { Task } from '../types.ts';

const count = { type: 'integer', minimum: 0 } as const;
const integer = { type: 'integer' } as const;
/** Newest tasks of each node in the cluster's list. */
const recentPerNode = 25;

/** Task lists, status and log. */
export const taskRoutes: Route[] = [
  {
    path: '/cluster/tasks',
    ordered: true,
    answer: ({ state, account }) =>
      [...state.nodes.values()].flatMap(node => {
        const recent = [
          ...state.tasks.running(node.name).toReversed(),
          ...state.tasks.finished(node.name),
        ].slice(0, recentPerNode);
        return recent
          .filter(task => maySee(account, task))
          .map(task => {
            const { pid: _, pstart: __, ...row } = taskRow(task);
            return { ...row, saved: task.endtime === undefined ? undefined : '1', status: task.status };
          });
      }),
  },
  {
    path: '/nodes/{node}/tasks',
    forwarded: true,
    ordered: true,
    query: {
      errors: { type: 'boolean' },
      limit: count,
      since: integer,
      source: { enum: ['archive', 'active', 'all'] },
      start: count,
      statusfilter: {},
      typefilter: {},
      until: integer,
      userfilter: {},
      vmid: { type: 'integer', minimum: 100, maximum: 999_999_999 },
    },
    answer: listTasks,
  },
  {
    path: '/nodes/{node}/tasks/{upid}/status',
    forwarded: true,
    answer: request => {
      const task = request.state.tasks.find(request.path.upid!);
      if (task === undefined || task.node !== request.path.node)
        throw badParameters({ upid: 'no such task' });
      checkOwner(request, task);
      const { endtime: _, status: __, ...row } = taskRow(task);
      const [user, tokenid] = task.user.split('!');
      const done = task.endtime !== undefined;
      return {
        ...row,
        user,
        tokenid,
        status: done ? 'stopped' : 'running',
        exitstatus: done ? task.status : undefined,
      };
    },
  },
  {
    path: '/nodes/{node}/tasks/{upid}/log',
    forwarded: true,
    ordered: true,
    query: { download: { type: 'boolean' }, limit: count, start: count },
    answer: request => {
      const task = request.state.tasks.find(request.path.upid!);
      if (task === undefined)
        return new Envelope([{ n: 1, t: 'unable to open file - No such file or directory' }], { total: 1 });
      checkOwner(request, task);
      const start = Number(request.query.start ?? 0);
      // Unlike in the task list, 0 means all here.
      const limit = Number(request.query.limit ?? 50) || task.log.length;
      const lines = task.log.map((t, index) => ({ n: index + 1, t })).slice(start, start + limit);
      return new Envelope(lines, { total: task.log.length });
    },
  },
];

function checkOwner({ account, path }: ApiRequest, task: Task): void {
  if (maySee(account, task)) return;
  throw badParameters({ upid: `no such task on node '${path.node}' that you may see` });
}

/** Without Sys.Audit on the node users see only their own tasks. */
function maySee(account: ApiRequest['account'], task: Task): boolean {
  return task.user === account.id || account.rights.has(`/nodes/${task.node}`, 'Sys.Audit');
}

/** User and token are separate only after the task has ended. */
function taskRow({
  upid,
  node,
  pid,
  pstart,
  starttime,
  type,
  id,
  user,
  endtime,
  status,
}: Task): Record<string, unknown> {
  const row: Record<string, unknown> = { upid, node, pid, pstart, starttime, type, id, user };
  if (endtime === undefined) return row;
  const [name, tokenid] = user.split('!');
  return { ...row, user: name, tokenid, endtime, status };
}

function listTasks(request: ApiRequest): Envelope {
  const { state, account, query, path } = request;
  const source = query.source ?? 'archive';
  const tasks: Task[] = [];
  if (source !== 'archive') tasks.push(...state.tasks.running(path.node!).toReversed());
  if (source !== 'active') tasks.push(...state.tasks.finished(path.node!));
  const statuses = query.statusfilter?.split(',');
  const matching = tasks.filter(
    task =>
      maySee(account, task) &&
      (query.vmid === undefined || task.id === query.vmid) &&
      (query.typefilter === undefined || task.type === query.typefilter) &&
      (query.userfilter === undefined || task.user.includes(query.userfilter)) &&
      (query.since === undefined || task.starttime >= Number(query.since)) &&
      (query.until === undefined || task.starttime <= Number(query.until)) &&
      (query.errors !== '1' || task.status !== 'OK') &&
      (statuses?.includes(statusClass(task)) ?? true),
  );
  const start = Number(query.start ?? 0);
  const page = matching.slice(start, start + Number(query.limit ?? 50));
  const rows = page.map(task => ({ ...taskRow(task), status: task.status ?? 'RUNNING' }));
  return new Envelope(rows, matching.length === 0 ? {} : { total: matching.length });
}

/** The words for `statusfilter`. */
function statusClass({ status }: Task): string {
  if (status === 'OK') return 'ok';
  if (status === undefined || status === 'unexpected status') return 'unknown';
  return status.startsWith('WARNINGS') ? 'warning' : 'error';
}
