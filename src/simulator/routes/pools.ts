import { ApiError } from '../api-error.ts';
import { resourceRow } from '../guest-rows.ts';
import type { ApiRequest, Route } from '../route.ts';

const type = { enum: ['qemu', 'lxc', 'storage'] } as const;

/** Pools and their members, which include usage numbers. */
export const poolRoutes: Route[] = [
  {
    path: '/pools',
    query: { poolid: {}, type },
    answer: request => {
      const { state, account, query } = request;
      if (query.poolid !== undefined) {
        if (!account.rights.has(`/pool/${query.poolid}`, 'Pool.Audit')) {
          throw new ApiError(403, `Permission check failed (/pool/${query.poolid}, Pool.Audit)`);
        }
        return [{ poolid: query.poolid, ...pool(request, query.poolid) }];
      }
      return [...state.pools]
        .filter(([poolid]) => account.rights.has(`/pool/${poolid}`, 'Pool.Audit'))
        .map(([poolid, { comment }]) => ({ poolid, comment }));
    },
  },
  {
    path: '/pools/{poolid}',
    check: { on: '/pool/{poolid}', privileges: ['Pool.Audit'] },
    query: { type },
    answer: request => pool(request, request.path.poolid!),
  },
];

function pool({ state, account, query }: ApiRequest, poolid: string): Record<string, unknown> {
  const found = state.pools.get(poolid);
  if (found === undefined) throw new ApiError(500, `pool '${poolid}' does not exist`);
  const members = [...state.guests.values()]
    .filter(guest => guest.pool === poolid && (query.type ?? guest.type) === guest.type)
    .map(guest => resourceRow(state, guest, account.rights, true));
  return { comment: found.comment, members };
}
