import { ApiError } from '../api-error.ts';
import { digestOf } from '../digest.ts';
import type { ApiRequest, Parameters, Route } from '../route.ts';
import type { BackupJob } from '../types.ts';
import { need } from '../writes/keys.ts';

const sysModify = { on: '/', privileges: ['Sys.Modify'] };
const job: Parameters = {
  rules: {
    schedule: {},
    vmid: {},
    storage: {},
    comment: {},
    mode: {},
    pool: {},
    exclude: {},
    delete: {},
    all: { type: 'boolean' },
    enabled: { type: 'boolean' },
  },
};

/** Settings of the datacenter and of nodes, and backup jobs. No task, no line in the cluster log. */
export const clusterWriteRoutes: Route[] = [
  {
    method: 'PUT',
    path: '/cluster/options',
    writes: 'file-datacenter_cfg',
    check: sysModify,
    parameters: { rules: { keyboard: {}, description: {}, mac_prefix: {}, delete: {} } },
    answer: ({ state, body }) => {
      const { delete: removed, ...set } = body;
      for (const name of (removed ?? '').split(',')) delete state.options[name];
      Object.assign(state.options, set);
      if (set.description !== undefined) state.options.description = `${set.description}\n`;
      return null;
    },
  },
  {
    path: '/nodes/{node}/config',
    forwarded: true,
    check: { on: '/', privileges: ['Sys.Audit'] },
    answer: request => {
      const kept = request.state.nodeConfigs.get(request.path.node!);
      return kept === undefined ? {} : { ...kept, digest: digestOf(kept) };
    },
  },
  {
    method: 'PUT',
    path: '/nodes/{node}/config',
    forwarded: true,
    writes: 'file-node_config',
    check: sysModify,
    parameters: { rules: { description: {}, wakeonlan: {}, delete: {}, digest: { maxLength: 40 } } },
    answer: setNodeConfig,
  },
  {
    method: 'POST',
    path: '/cluster/backup',
    writes: 'file-jobs_cfg',
    check: sysModify,
    parameters: { rules: { id: {}, ...job.rules } },
    answer: request => {
      const { state, body } = request;
      need(request, `/storage/${body.storage ?? 'local'}`, 'Datastore.Allocate');
      if (body.vmid === undefined && body.pool === undefined && body.all !== '1')
        throw new ApiError(500, '400 Parameter verification failed.');
      const fresh = { id: body.id ?? `backup-${state.random.hex(8)}`, enabled: 1, mode: 'snapshot' } as const;
      state.backupJobs.push(merged({ ...fresh, schedule: '', storage: 'local' }, body));
      return null;
    },
  },
  {
    method: 'PUT',
    path: '/cluster/backup/{id}',
    writes: 'file-jobs_cfg',
    check: sysModify,
    parameters: job,
    answer: ({ state, path, body }) => {
      if (!state.backupJobs.some(each => each.id === path.id))
        throw new ApiError(500, `no such vzdump job '${path.id}'`);
      state.backupJobs = state.backupJobs.map(each => (each.id === path.id ? merged(each, body) : each));
      return null;
    },
  },
];

function merged(kept: BackupJob, { enabled, all, delete: removed, ...set }: ApiRequest['body']): BackupJob {
  const flags = {
    ...(enabled === undefined ? {} : { enabled: enabled === '1' ? 1 : 0 }),
    ...(all === '1' ? { all: 1 } : {}),
  };
  const result = { ...kept, ...set, ...flags } as BackupJob & Record<string, unknown>;
  for (const name of (removed ?? '').split(',')) delete result[name];
  return result;
}

/** As long as a node has no config file, the digest is ignored. */
function setNodeConfig({ state, path, body }: ApiRequest): null {
  const { digest, delete: removed, ...set } = body;
  const kept = state.nodeConfigs.get(path.node!);
  if (kept !== undefined && digest !== undefined && digest !== digestOf(kept))
    throw new ApiError(500, 'detected modified configuration - file changed by other user? Try again.');
  const next: Record<string, string> = { ...kept, ...set };
  for (const name of (removed ?? '').split(',')) delete next[name];
  if (set.description !== undefined) next.description = `${set.description}\n`;
  if (Object.keys(next).length === 0) state.nodeConfigs.delete(path.node!);
  else state.nodeConfigs.set(path.node!, next);
  return null;
}
