import { ApiError } from '../api-error.ts';
import { bootDiskBytes, givenName } from '../guest-facts.ts';
import { splitProperty } from '../property-string.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { Guest } from '../types.ts';
import { guestCheck, guestOf } from './guests.ts';

const check = { on: '/vms/{vmid}', privileges: ['VM.GuestAgent.Audit', 'VM.GuestAgent.Unrestricted'] };

const commands: Record<string, (guest: Guest) => unknown> = {
  'network-get-interfaces': interfaces,
  'get-osinfo': guest =>
    String(guest.config.ostype).startsWith('win')
      ? {
          id: 'mswindows',
          name: 'Microsoft Windows',
          'pretty-name': 'Windows 11 Pro',
          version: 'Microsoft Windows 11',
          'version-id': '11',
          machine: 'x86_64',
          'kernel-release': '26100',
          'kernel-version': '10.0',
        }
      : {
          id: 'debian',
          name: 'Debian GNU/Linux',
          'pretty-name': 'Debian GNU/Linux 13 (trixie)',
          version: '13 (trixie)',
          'version-id': '13',
          machine: 'x86_64',
          'kernel-release': '6.12.48+deb13-amd64',
          'kernel-version': '#1 SMP PREEMPT_DYNAMIC Debian',
        },
  'get-fsinfo': guest => {
    const total = bootDiskBytes(guest);
    const disk = { bus: 0, 'bus-type': 'scsi', dev: '/dev/sda1', target: 0, unit: 0 };
    return [
      {
        name: 'sda1',
        mountpoint: '/',
        type: 'ext4',
        'total-bytes': total,
        'used-bytes': Math.floor(total / 3),
        disk: [disk],
      },
    ];
  },
  'get-host-name': guest => ({ 'host-name': givenName(guest) ?? 'localhost' }),
  info: () => ({
    version: '9.2.0',
    supported_commands: [{ name: 'guest-ping', enabled: true, 'success-response': true }],
  }),
};

/** The guest agent inside VMs, and a container's interfaces, which need none. */
export const agentRoutes: Route[] = [
  ...Object.entries(commands).map(
    ([command, answer]): Route => ({
      path: `/nodes/{node}/qemu/{vmid}/agent/${command}`,
      forwarded: true,
      check,
      answer: request => ({ result: answer(agentOf(request)) }),
    }),
  ),
  {
    path: '/nodes/{node}/lxc/{vmid}/interfaces',
    forwarded: true,
    check: guestCheck,
    answer: request => {
      const guest = guestOf(request, 'lxc');
      return guest.status === 'running' ? containerInterfaces(guest) : null;
    },
  },
];

/** The usual reasons for an agent not to answer all arrive as 500. */
function agentOf(request: ApiRequest): Guest {
  const guest = guestOf(request, 'qemu');
  if (!/^(1|enabled=1)/.test(String(guest.config.agent ?? '')))
    throw new ApiError(500, 'No QEMU guest agent configured');
  if (guest.status !== 'running') throw new ApiError(500, `VM ${guest.vmid} is not running`);
  if (!guest.agentAnswers) throw new ApiError(500, 'QEMU guest agent is not running');
  return guest;
}

/** The guest's permanent address in its network segment, derived from the VMID. */
function addressOf(guest: Guest, tag: string | undefined): string {
  return `10.${tag ?? '99'}.${Math.floor(guest.vmid / 250) % 250}.${(guest.vmid % 250) + 1}`;
}

const loopback = {
  name: 'lo',
  'hardware-address': '00:00:00:00:00:00',
  'ip-addresses': [
    { 'ip-address': '127.0.0.1', 'ip-address-type': 'ipv4', prefix: 8 },
    { 'ip-address': '::1', 'ip-address-type': 'ipv6', prefix: 128 },
  ],
};

function interfaces(guest: Guest): unknown[] {
  const rows: unknown[] = [loopback];
  for (const [key, value] of Object.entries(guest.config)) {
    if (!/^net\d+$/.test(key)) continue;
    const { macaddr, tag } = splitProperty(key, value) ?? {};
    rows.push({
      name: `ens${18 + Number(key.slice(3))}`,
      'hardware-address': macaddr?.toLowerCase(),
      'ip-addresses': [{ 'ip-address': addressOf(guest, tag), 'ip-address-type': 'ipv4', prefix: 16 }],
      statistics: {
        'rx-bytes': 3_021_907,
        'rx-dropped': 0,
        'rx-errs': 0,
        'rx-packets': 9339,
        'tx-bytes': 721_907,
        'tx-dropped': 0,
        'tx-errs': 0,
        'tx-packets': 5339,
      },
    });
  }
  return rows;
}

/** Here the prefix is a string, and the address types have other names than the agent's. */
function containerInterfaces(guest: Guest): unknown[] {
  const row = (name: string, mac: string, inet: string): unknown => ({
    name,
    hwaddr: mac,
    'hardware-address': mac,
    inet,
    'ip-addresses': [
      { 'ip-address': inet.split('/')[0], 'ip-address-type': 'inet', prefix: inet.split('/')[1] },
    ],
  });
  const rows = [row('lo', '00:00:00:00:00:00', '127.0.0.1/8')];
  for (const [key, value] of Object.entries(guest.config)) {
    if (!/^net\d+$/.test(key)) continue;
    const { name, hwaddr, ip } = splitProperty(key, value) ?? {};
    const inet = ip?.includes('/') ? ip : `${addressOf(guest, undefined)}/16`;
    rows.push(row(name ?? 'eth0', hwaddr?.toLowerCase() ?? '', inet));
  }
  return rows;
}
