import { ApiError } from '../api-error.ts';
import { currentFacts } from '../guest-facts.ts';
import { nodeOf, type Route } from '../route.ts';
import { guestUsage, nodeUsage } from '../usage.ts';
import { guestCheck } from './guests.ts';

/** Seconds between rows by time frame. */
const steps = { hour: 60, day: 1800, week: 10_800, month: 43_200, year: 604_800, decade: 604_800 };
type Frame = keyof typeof steps;

const guestFrames = ['hour', 'day', 'week', 'month', 'year'] as const;
const cf = { enum: ['AVERAGE', 'MAX'] } as const;

/** Seventy moments up to now, in seconds since 1970. */
function times(frame: string, now: number): number[] {
  const step = steps[frame as Frame];
  const last = Math.floor(now / step) * step;
  return Array.from({ length: 70 }, (_, index) => last - (69 - index) * step);
}

/** Recorded usage. Any node answers from its own copy, also for dead nodes. Rows without data hold only `time`. */
export const rrdRoutes: Route[] = [
  {
    path: '/nodes/{node}/rrddata',
    check: { on: '/nodes/{node}', privileges: ['Sys.Audit'] },
    ordered: true,
    query: { cf, timeframe: { enum: [...guestFrames, 'decade'], required: true } },
    answer: request => {
      const node = nodeOf(request);
      const until = node.downAt ?? Number.POSITIVE_INFINITY;
      return times(request.query.timeframe!, request.state.clock.seconds()).map(time => {
        if (time * 1000 < node.startedAt || time * 1000 > until) return { time };
        const { cpu, mem, disk } = nodeUsage(node, time * 1000);
        const memory = {
          memtotal: node.memory,
          memused: mem,
          memavailable: node.memory - mem,
          swaptotal: 0,
          swapused: 0,
          arcsize: 0,
        };
        const rest = {
          iowait: 0.0004,
          loadavg: cpu * node.cpus,
          roottotal: node.rootfs,
          rootused: disk,
          netin: 0,
          netout: 0,
        };
        return { time, cpu, maxcpu: node.cpus, ...memory, ...rest };
      });
    },
  },
  ...(['qemu', 'lxc'] as const).map(
    (type): Route => ({
      path: `/nodes/{node}/${type}/{vmid}/rrddata`,
      check: guestCheck,
      ordered: true,
      query: { cf, timeframe: { enum: guestFrames, required: true } },
      answer: ({ state, path, query }) => {
        const guest = state.guests.get(Number(path.vmid));
        if (guest === undefined) throw new ApiError(500, `no such VM ('${path.vmid}')`);
        const facts = currentFacts(state, guest);
        const until = state.nodes.get(guest.node)?.downAt ?? Number.POSITIVE_INFINITY;
        return times(query.timeframe!, state.clock.seconds()).map(time => {
          if (facts.startedAt === undefined || time * 1000 < facts.startedAt || time * 1000 > until)
            return { time };
          const { uptime: _, ...usage } = guestUsage(guest, facts, time * 1000);
          return { time, ...usage, maxcpu: facts.maxcpu, maxmem: facts.maxmem, maxdisk: facts.maxdisk };
        });
      },
    }),
  ),
];
