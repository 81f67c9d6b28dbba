import { ApiError, badParameters } from '../api-error.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { GuestType } from '../types.ts';
import { root } from '../world/act.ts';
import { lifeMutations } from '../world/life.ts';
import { lockedText, ordered } from '../writes/run-task.ts';
import { guestOf } from './guests.ts';

const flag = { type: 'boolean' } as const;

/**
 * Migrating guests. Not recorded, since the lab had a single node: written after the sources of qemu-server and pve-container.
 */
export const migrateRoutes: Route[] = (['qemu', 'lxc'] as const).map(
  (type): Route => ({
    method: 'POST',
    path: `/nodes/{node}/${type}/{vmid}/migrate`,
    forwarded: true,
    check: { on: '/vms/{vmid}', privileges: ['VM.Migrate'] },
    parameters: {
      rules: {
        target: { required: true },
        online: flag,
        ...(type === 'qemu' ? { force: flag, 'with-local-disks': flag } : { restart: flag }),
      },
    },
    answer: request => migrate(request, type),
  }),
);

function migrate(request: ApiRequest, type: GuestType): string {
  const { state, path, body, account } = request;
  const target = body.target!;
  if (target === path.node) throw badParameters({ target: 'target is local node.' });
  const node = state.nodes.get(target);
  if (node === undefined) throw new ApiError(500, `no such cluster node '${target}'`);
  const guest = guestOf(request, type);
  const locked = lockedText(guest);
  if (locked !== undefined) throw new ApiError(500, locked);
  const live = type === 'qemu' ? body.online === '1' : body.restart === '1';
  if (guest.status === 'running' && !live)
    throw new ApiError(
      500,
      type === 'qemu'
        ? "can't migrate running VM without --online"
        : 'lxc live migration is currently not implemented',
    );
  const life = lifeMutations(state);
  if (state.ha.has(guest.vmid)) {
    const { durationMs = 0 } = ordered(request, 'hamigrate');
    const move = (): void => void life.migrate(guest.vmid, target, { user: root });
    return state.tasks.run({
      node: state.node(path.node!),
      type: 'hamigrate',
      id: guest.vmid,
      user: account.id,
      onEnd: () => void state.clock.schedule(state.clock.now() + durationMs, move),
    });
  }
  const options = ordered(request, type === 'qemu' ? 'qmigrate' : 'vzmigrate');
  const dead = node.state === 'offline' ? { fail: `migration aborted: can't connect to '${target}'` } : {};
  return life.migrate(guest.vmid, target, { ...options, ...dead });
}
