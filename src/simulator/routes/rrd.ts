import { ApiError } from '../api-error.ts';
import { nodeOf, type Route } from '../route.ts';
import { guestAt, nodeAt, rrdRows, storageAt } from '../rrd.ts';
import { guestCheck } from './guests.ts';
import { onNode, usable } from './storage.ts';

const FRAMES = ['hour', 'day', 'week', 'month', 'year'] as const;
const cf = { enum: ['AVERAGE', 'MAX'] } as const;
const query = { cf, timeframe: { enum: FRAMES, required: true } } as const;

/**
 * Recorded usage. Any node answers for nodes and guests from its own copy, also for dead nodes; storages are answered by their
 * node. Rows without data contain only `time`.
 */
export const rrdRoutes: Route[] = [
  {
    path: '/nodes/{node}/rrddata',
    check: { on: '/nodes/{node}', privileges: ['Sys.Audit'] },
    ordered: true,
    query: { cf, timeframe: { enum: [...FRAMES, 'decade'], required: true } },
    answer: request => {
      const { state, entry, query } = request;
      return rrdRows(state, entry, query.timeframe!, nodeAt(state, nodeOf(request)));
    },
  },
  {
    path: '/nodes/{node}/storage/{storage}/rrddata',
    check: onNode,
    forwarded: true,
    ordered: true,
    query,
    answer: request => {
      const { state, query } = request;
      const node = nodeOf(request);
      return rrdRows(state, node, query.timeframe!, storageAt(state, usable(request, false), node));
    },
  },
  ...(['qemu', 'lxc'] as const).map(
    (type): Route => ({
      path: `/nodes/{node}/${type}/{vmid}/rrddata`,
      check: guestCheck,
      ordered: true,
      query,
      answer: ({ state, path, query, entry }) => {
        const guest = state.guests.get(Number(path.vmid));
        if (guest === undefined) throw new ApiError(500, `no such VM ('${path.vmid}')`);
        return rrdRows(state, entry, query.timeframe!, guestAt(state, guest));
      },
    }),
  ),
];
