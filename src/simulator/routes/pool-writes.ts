import { ApiError } from '../api-error.ts';
import type { ApiRequest, Route } from '../route.ts';
import { need } from '../writes/keys.ts';

const poolid = { required: true } as const;
const file = 'file-user_cfg';
const check = { on: '/pool', privileges: ['Pool.Allocate'] };

/** Pools. No digest, no task, no line in the cluster log. */
export const poolWriteRoutes: Route[] = [
  {
    method: 'POST',
    path: '/pools',
    writes: file,
    check,
    parameters: { rules: { poolid, comment: {} } },
    answer: ({ state, body }) => {
      const { poolid: id = '', comment } = body;
      if (state.pools.has(id)) throw new ApiError(500, `create pool failed: pool '${id}' already exists`);
      state.pools.set(id, comment === undefined ? {} : { comment });
      return null;
    },
  },
  {
    method: 'PUT',
    path: '/pools',
    writes: file,
    parameters: {
      rules: {
        poolid,
        comment: {},
        vms: {},
        storage: {},
        delete: { type: 'boolean' },
        'allow-move': { type: 'boolean' },
      },
    },
    answer: change,
  },
  {
    method: 'DELETE',
    path: '/pools',
    writes: file,
    parameters: { rules: { poolid } },
    answer: request => {
      const id = request.body.poolid!;
      need(request, `/pool/${id}`, 'Pool.Allocate');
      const { state } = request;
      const member = [...state.guests.values()].find(guest => guest.pool === id);
      if (member !== undefined)
        throw new ApiError(500, `delete pool failed: pool '${id}' is not empty (contains VM ${member.vmid})`);
      if (!state.pools.delete(id)) throw new ApiError(500, `delete pool failed: pool '${id}' does not exist`);
      return null;
    },
  },
];

function change(request: ApiRequest): null {
  const { state, body, account } = request;
  const id = body.poolid!;
  need(request, `/pool/${id}`, 'Pool.Allocate');
  const pool = state.pools.get(id);
  const failed = (why: string): ApiError => new ApiError(500, `update pools failed: ${why}`);
  if (pool === undefined) throw failed(`pool '${id}' does not exist`);
  const guests = (body.vms ?? '').split(',').filter(vmid => vmid !== '');
  for (const vmid of guests) {
    if (!account.rights.has(`/vms/${vmid}`, 'Permissions.Modify', 'VM.Allocate'))
      throw failed(`403 Permission check failed (/vms/${vmid}, Permissions.Modify|VM.Allocate)`);
    const guest = state.guests.get(Number(vmid));
    if (body.delete === '1') {
      if (guest?.pool !== id) throw failed(`VM ${vmid} is not a pool member`);
    } else if (guest?.pool === id) throw failed(`VM ${vmid} is already a pool member`);
    else if (guest?.pool !== undefined && body['allow-move'] !== '1')
      throw failed(`VM ${vmid} is already a member of '${guest.pool}' and 'allow-move' is not set`);
  }
  if (body.comment !== undefined) pool.comment = body.comment;
  for (const vmid of guests) {
    const guest = state.guests.get(Number(vmid));
    if (guest === undefined) continue;
    state.changeGuest(guest, { user: account.id, type: 'update' }, () => {
      if (body.delete === '1') delete guest.pool;
      else guest.pool = id;
    });
  }
  return null;
}
