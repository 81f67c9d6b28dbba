import { ApiError, badParameters } from '../api-error.ts';
import { guestDigest } from '../digest.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { Guest } from '../types.ts';
import { editContainer } from '../writes/ct-config.ts';
import { containerKeys } from '../writes/ct-keys.ts';
import { driveKey, isCdrom } from '../writes/disks.ts';
import { type ConfigEdit, checkKeyRights, configParameters, need, readEdit } from '../writes/keys.ts';
import { lockedText, runApiTask } from '../writes/run-task.ts';
import { bridgeOf } from '../writes/values.ts';
import { editVm } from '../writes/vm-config.ts';
import { rootOnly, vmKeys } from '../writes/vm-keys.ts';
import { guestOf } from './guests.ts';

const kinds = ['Disk', 'CDROM', 'CPU', 'Memory', 'Network', 'HWType', 'Options', 'Cloudinit'];
const containerKinds = ['Disk', 'CPU', 'Memory', 'Network', 'Options'];
const vmOptions = { force: { type: 'boolean' }, skiplock: { type: 'boolean' } } as const;

/** Writing guests' configs: immediately with PUT, by a task with POST (VMs only). */
export const configWriteRoutes: Route[] = [
  {
    method: 'PUT',
    path: '/nodes/{node}/qemu/{vmid}/config',
    forwarded: true,
    check: { on: '/vms/{vmid}', privileges: kinds.map(kind => `VM.Config.${kind}`) },
    parameters: configParameters(vmKeys, vmOptions),
    answer: request => {
      const edit = readVmEdit(request);
      const guest = openVm(request, edit);
      logUpdate(request, request.body);
      watched(request, guest, () => editVm(request, guest, edit));
      return null;
    },
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/config',
    forwarded: true,
    check: { on: '/vms/{vmid}', privileges: kinds.map(kind => `VM.Config.${kind}`) },
    parameters: configParameters(vmKeys, {
      ...vmOptions,
      background_delay: { type: 'integer', minimum: 1, maximum: 30 },
    }),
    answer: postVmConfig,
  },
  {
    method: 'PUT',
    path: '/nodes/{node}/qemu/{vmid}/unlink',
    forwarded: true,
    check: { on: '/vms/{vmid}', privileges: ['VM.Config.Disk'] },
    parameters: { rules: { idlist: { required: true }, force: { type: 'boolean' } } },
    answer: request => {
      const edit = readEdit(vmKeys, { delete: request.body.idlist!, force: request.body.force ?? '0' });
      const guest = openVm(request, edit);
      logUpdate(request, { delete: request.body.idlist! });
      watched(request, guest, () => editVm(request, guest, edit));
      return null;
    },
  },
  {
    method: 'PUT',
    path: '/nodes/{node}/lxc/{vmid}/config',
    forwarded: true,
    check: { on: '/vms/{vmid}', privileges: containerKinds.map(kind => `VM.Config.${kind}`) },
    parameters: configParameters(containerKeys, {}),
    answer: request => {
      const edit = readEdit(containerKeys, request.body);
      checkKeyRights(request, containerKeys, edit);
      checkBridgeRights(request, edit);
      const guest = guestOf(request, 'lxc');
      checkHeld(guest, `/run/lock/lxc/pve-config-${guest.vmid}.lock`);
      const stale = 'detected modified configuration - file changed by other user? Try again.';
      checkDigest(guest, edit, stale);
      refuseLocked(guest);
      watched(request, guest, () => editContainer(request, guest, edit));
      return null;
    },
  },
];

function readVmEdit(request: ApiRequest): ConfigEdit {
  const { body, account } = request;
  if (body.skiplock === '1' && account.id !== 'root@pam')
    throw badParameters({ skiplock: 'Only root may use this option.' });
  const edit = readEdit(vmKeys, body);
  checkVmRights(request, edit);
  if (account.id === 'root@pam') return edit;
  const reserved = [...Object.keys(edit.set), ...edit.remove].find(key => rootOnly.test(key));
  if (reserved !== undefined) throw new ApiError(500, `only root can set '${reserved}' config`);
  return edit;
}

/** Checks drives separately, since it matters whether they are CD-ROMs. */
function checkVmRights(request: ApiRequest, edit: ConfigEdit): void {
  const config = request.state.guests.get(Number(request.path.vmid))?.config ?? {};
  const drives = [...Object.keys(edit.set), ...edit.remove].filter(key => driveKey.test(key));
  for (const key of drives) {
    const kind = isCdrom(edit.set[key] ?? config[key]) ? 'VM.Config.CDROM' : 'VM.Config.Disk';
    need(request, `/vms/${request.path.vmid}`, kind);
  }
  const set = Object.fromEntries(Object.entries(edit.set).filter(([key]) => !driveKey.test(key)));
  const remove = edit.remove.filter(key => !driveKey.test(key));
  checkKeyRights(request, vmKeys, { ...edit, set, remove });
  checkBridgeRights(request, edit);
}

function checkBridgeRights(request: ApiRequest, { set, remove }: ConfigEdit): void {
  const config = request.state.guests.get(Number(request.path.vmid))?.config ?? {};
  for (const key of [...Object.keys(set), ...remove].filter(name => /^net\d+$/.test(name))) {
    const bridge = bridgeOf(set[key] ?? config[key]);
    if (bridge !== undefined) need(request, `/sdn/zones/localnetwork/${bridge}`, 'SDN.Use');
  }
}

function openVm(request: ApiRequest, edit: ConfigEdit): Guest {
  const guest = guestOf(request, 'qemu');
  checkHeld(guest, `/var/lock/qemu-server/lock-${guest.vmid}.conf`);
  checkDigest(guest, edit, 'checksum mismatch (file change by other user?)');
  if (request.body.skiplock !== '1') refuseLocked(guest);
  return guest;
}

/** PVE waits 10 s for the lock before it reports this; the simulator does not. */
function checkHeld(guest: Guest, file: string): void {
  if (guest.configHeld) throw new ApiError(500, `can't lock file '${file}' - got timeout`);
}

function checkDigest(guest: Guest, { digest }: ConfigEdit, stale: string): void {
  if (digest !== undefined && digest !== guestDigest(guest)) throw new ApiError(500, stale);
}

function refuseLocked(guest: Guest): void {
  const text = lockedText(guest);
  if (text !== undefined) throw new ApiError(500, text);
}

/** The line in the cluster log, which only VMs get: the names of the parameters except the digest. */
function updateText(vmid: string, body: Record<string, string>): string {
  const parts = Object.keys(body)
    .filter(name => !/^(digest|background_delay|force|skiplock)$/.test(name))
    .sort()
    .map(name => `-${name} ${name === 'cipassword' ? '<hidden>' : body[name]}`);
  return `update VM ${vmid}: ${parts.join(' ')}`;
}

/** The process of a task writes its line itself. */
function logUpdate({ state, path, account }: ApiRequest, body: Record<string, string>, pid?: number): void {
  const whose = { user: account.id, ...(pid !== undefined && { pid }) };
  state.log.add(state.node(path.node!), { ...whose, msg: updateText(path.vmid!, body) });
}

/** Runs an edit; what it changed before it failed counts as well. */
function watched({ state, account }: ApiRequest, guest: Guest, act: () => void, upid?: string): void {
  let failure: unknown;
  const cause = upid === undefined ? { type: 'update' } : { type: 'qmconfig', upid };
  state.changeGuest(guest, { user: account.id, ...cause }, () => {
    try {
      act();
    } catch (error) {
      failure = error;
    }
  });
  if (failure !== undefined) throw failure;
}

function postVmConfig(request: ApiRequest): string | null {
  const edit = readVmEdit(request);
  const guest = openVm(request, edit);
  const { state, body, path } = request;
  const upid = runApiTask(request, {
    type: 'qmconfig',
    log: [updateText(path.vmid!, body)],
    onStart: task => logUpdate(request, body, task.pid),
    refuse: () => lockedText(guest),
    act: task => watched(request, guest, () => editVm(request, guest, edit), task.upid),
  });
  const { status } = state.tasks.find(upid)!;
  if (body.background_delay === undefined || status === undefined) return upid;
  if (status !== 'OK') throw new ApiError(500, `failed to update VM ${path.vmid}: ${status}`);
  return null;
}
