import type { ClusterState } from '../state.ts';
import { day, second } from '../timing.ts';
import type { Guest } from '../types.ts';

/**
 * Makes the first guests special in the ways that trip up clients: snapshots and high availability (100), pending
 * changes (101), a cloud-init template with secrets (103), no name (104), a cloud-init guest with a secret in its notes (105), no agent (106).
 */
export function buildSpecials(state: ClusterState): void {
  const vm = (vmid: number, act: (guest: Guest) => void): void => {
    const guest = state.guests.get(vmid);
    if (guest?.type === 'qemu') act(guest);
  };
  vm(100, guest => {
    guest.pool = 'prod';
    addSnapshot(state, guest, 'before_upgrade', 'before the distribution upgrade', 9);
    addSnapshot(state, guest, 'second', '', 2);
    state.ha.set(100, {
      sid: 'vm:100',
      vmid: 100,
      state: 'started',
      comment: 'web tier',
      maxRestart: 2,
      crmState: 'started',
    });
  });
  vm(101, guest => {
    guest.pending.set('memory', { value: '12288' });
    guest.pending.set('cpu', { delete: 1 });
  });
  vm(103, guest => {
    guest.status = 'stopped';
    guest.startedAt = undefined;
    guest.config.template = 1;
    guest.config.name = 'tpl-debian';
    guest.config.scsi0 = `local-zfs:base-103-disk-0,size=8G`;
    addCloudInit(guest);
  });
  vm(104, guest => {
    delete guest.config.name;
  });
  vm(105, guest => {
    addCloudInit(guest);
    // People do write such notes, and no answer may reveal them.
    guest.config.description = 'Console login: admin, password: canary-console';
  });
  vm(106, guest => {
    delete guest.config.agent;
  });
  const others = [...state.guests.values()].filter(
    guest => guest.vmid > 106 && guest.config.template === undefined,
  );
  for (const guest of others.slice(0, 400)) {
    if (state.random.chance(0.15))
      addSnapshot(state, guest, 'pre_update', 'weekly update', state.random.int(1, 30));
    if (guest.status === 'running' && state.ha.size < 4 && state.random.chance(0.2)) {
      const sid = `${guest.type === 'qemu' ? 'vm' : 'ct'}:${guest.vmid}`;
      state.ha.set(guest.vmid, { sid, vmid: guest.vmid, state: 'started', crmState: 'started' });
    }
  }
}

function addCloudInit(guest: Guest): void {
  Object.assign(guest.config, {
    ide2: `local-zfs:vm-${guest.vmid}-cloudinit,media=cdrom`,
    ciuser: 'admin',
    cipassword: '$5$simulated$notarealhash',
    ipconfig0: 'ip=dhcp',
    sshkeys: 'ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5AAAAIKsimulated%20admin%40example.org%0A',
  });
}

function addSnapshot(
  state: ClusterState,
  guest: Guest,
  name: string,
  description: string,
  daysAgo: number,
): void {
  const parent = guest.snapshots.at(-1)?.name;
  guest.snapshots.push({
    name,
    description,
    snaptime: state.clock.seconds() - (daysAgo * day) / second,
    ...(parent === undefined ? {} : { parent }),
    vmstate: 0,
    config: { ...guest.config },
  });
  guest.config.parent = name;
}
