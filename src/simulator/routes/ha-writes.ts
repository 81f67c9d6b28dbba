import { ApiError } from '../api-error.ts';
import { digestOf } from '../digest.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { ClusterState } from '../state.ts';
import type { HaResource } from '../types.ts';
import { configMutations } from '../world/config.ts';

const check = { on: '/', privileges: ['Sys.Console'] };
const writes = 'file-ha_resources_config';
const count = { type: 'integer', minimum: 0 } as const;
const settings = {
  state: { enum: ['started', 'stopped', 'enabled', 'disabled', 'ignored'] },
  comment: {},
  group: {},
  max_restart: count,
  max_relocate: count,
  failback: { type: 'boolean' },
} as const;

/** The digest of the file that all HA resources share. */
export function haDigest(state: ClusterState): string {
  return digestOf([...state.ha.values()].map(({ crmState: _, ...kept }) => kept));
}

/** Putting guests under high availability and taking them out. No task, no line in the cluster log. */
export const haWriteRoutes: Route[] = [
  {
    path: '/cluster/ha/resources/{sid}',
    check: { on: '/', privileges: ['Sys.Audit'] },
    answer: request => {
      const ha = resourceOf(request, `no such resource '${request.path.sid}'`);
      return {
        sid: ha.sid,
        type: ha.sid.split(':')[0],
        state: ha.state,
        comment: ha.comment,
        digest: haDigest(request.state),
      };
    },
  },
  {
    method: 'POST',
    path: '/cluster/ha/resources',
    writes,
    check,
    parameters: { rules: { sid: { required: true }, type: { enum: ['ct', 'vm'] }, ...settings } },
    answer: ({ state, body, account }) => {
      const vmid = Number(body.sid!.replace(/^(vm|ct):/, ''));
      const guest = state.guests.get(vmid);
      if (guest === undefined) throw new ApiError(500, `resource '${body.sid}' does not exist in cluster`);
      if (state.ha.has(vmid)) throw new ApiError(500, `resource ID '${body.sid}' already defined`);
      configMutations(state).setHa(vmid, requested(body.state ?? 'started'), { user: account.id });
      setDetails(state.ha.get(vmid)!, body);
      return null;
    },
  },
  {
    method: 'PUT',
    path: '/cluster/ha/resources/{sid}',
    writes,
    check,
    parameters: { rules: { ...settings, delete: {}, digest: { maxLength: 40 } } },
    answer: request => {
      const { state, body, account } = request;
      const ha = resourceOf(request, `no such resource '${request.path.sid}'`);
      if (body.digest !== undefined && body.digest !== haDigest(state))
        throw new ApiError(
          500,
          'update resources config failed: detected modified configuration - file changed by other user? Try again.',
        );
      if (body.state !== undefined)
        configMutations(state).setHa(ha.vmid, requested(body.state), { user: account.id });
      setDetails(state.ha.get(ha.vmid)!, body);
      return null;
    },
  },
  {
    method: 'DELETE',
    path: '/cluster/ha/resources/{sid}',
    writes,
    check,
    parameters: { rules: { purge: { type: 'boolean' } } },
    answer: request => {
      const { state, account, path } = request;
      const ha = resourceOf(request, `cannot delete service '${path.sid}', not HA managed!`);
      configMutations(state).setHa(ha.vmid, null, { user: account.id });
      return null;
    },
  },
];

function resourceOf({ state, path }: ApiRequest, missing: string): HaResource {
  const ha = state.ha.get(Number(path.sid!.replace(/^(vm|ct):/, '')));
  if (ha === undefined) throw new ApiError(500, missing);
  return ha;
}

function requested(state: string): 'started' | 'stopped' | 'ignored' {
  if (state === 'ignored' || state === 'stopped') return state;
  return state === 'disabled' ? 'stopped' : 'started';
}

function setDetails(ha: HaResource, { comment, max_restart: restarts }: Record<string, string>): void {
  if (comment !== undefined) ha.comment = comment;
  if (restarts !== undefined) ha.maxRestart = Number(restarts);
}
