import { ApiError } from '../api-error.ts';
import { guestDigest } from '../digest.ts';
import type { ApiRequest, Route } from '../route.ts';
import { causeOf } from '../world/act.ts';
import { storageOf } from '../writes/disks.ts';
import { need } from '../writes/keys.ts';
import { guestOrProblem, lockedText, runApiTask } from '../writes/run-task.ts';
import { guestOf } from './guests.ts';

const rules = {
  disk: { required: true },
  size: { required: true, pattern: /^\+?\d+(\.\d+)?[KMGT]?$/ },
  digest: { maxLength: 40 },
} as const;

const units: Record<string, number> = { K: 1, M: 2 ** 10, G: 2 ** 20, T: 2 ** 30 };

/** Growing disks: checked in the task for VMs, before it for containers. */
export const resizeRoutes: Route[] = [
  {
    method: 'PUT',
    path: '/nodes/{node}/qemu/{vmid}/resize',
    forwarded: true,
    check: { on: '/vms/{vmid}', privileges: ['VM.Config.Disk'] },
    parameters: { rules: { ...rules, skiplock: { type: 'boolean' } } },
    answer: request => {
      const guest = guestOrProblem(request, 'qemu');
      const refuse = (): string | undefined => {
        if (typeof guest === 'string') return guest;
        const { digest } = request.body;
        if (digest !== undefined && digest !== guestDigest(guest))
          return 'checksum mismatch (file change by other user?)';
        return lockedText(guest);
      };
      return runApiTask(request, { type: 'resize', refuse, act: task => grow(request, task) });
    },
  },
  {
    method: 'PUT',
    path: '/nodes/{node}/lxc/{vmid}/resize',
    forwarded: true,
    check: { on: '/vms/{vmid}', privileges: ['VM.Config.Disk'] },
    parameters: { rules },
    answer: request => {
      const guest = guestOf(request, 'lxc');
      need(request, `/vms/${guest.vmid}`, 'VM.Config.Options');
      const locked = lockedText(guest);
      if (locked !== undefined) throw new ApiError(500, locked);
      const { now, wanted } = sizes(request);
      if (wanted < now) throw new ApiError(500, 'unable to shrink disk size');
      if (wanted === now) throw new ApiError(500, 'disk is already at specified size');
      return runApiTask(request, { type: 'resize', act: task => grow(request, task) });
    },
  },
];

function grow(request: ApiRequest, task: Parameters<typeof causeOf>[0]): void {
  const { state, body, account, path } = request;
  const guest = state.guest(Number(path.vmid));
  const key = body.disk!;
  need(request, `/storage/${storageOf(guest.config[key] ?? '')}`, 'Datastore.AllocateSpace');
  const { now, wanted } = sizes(request);
  if (wanted < now) throw new ApiError(500, 'shrinking disks is not supported');
  const what = `update ${guest.type === 'qemu' ? 'VM' : 'CT'} ${guest.vmid}: resize --disk ${key}`;
  state.log.add(state.node(guest.node), {
    user: account.id,
    pid: task.pid,
    msg: `${what} --size ${body.size}`,
  });
  state.changeGuest(guest, causeOf(task), () => {
    guest.config[key] = String(guest.config[key]).replace(/size=[^,]+/, `size=${written(wanted)}`);
  });
}

/** In KiB. */
function sizes({ state, body, path }: ApiRequest): { now: number; wanted: number } {
  const value = state.guest(Number(path.vmid)).config[body.disk!];
  if (value === undefined) throw new ApiError(500, `disk '${body.disk}' does not exist`);
  const now = kib(/size=([^,]+)/.exec(String(value))?.[1] ?? '0');
  const size = body.size!;
  return { now, wanted: size.startsWith('+') ? now + kib(size.slice(1)) : kib(size) };
}

function kib(size: string): number {
  const unit = units[size.at(-1)!];
  return unit === undefined ? Number(size) / 1024 : Number(size.slice(0, -1)) * unit;
}

function written(size: number): string {
  const unit = ['T', 'G', 'M'].find(each => size % units[each]! === 0) ?? 'K';
  return `${size / units[unit]!}${unit}`;
}
