import { ApiError } from '../api-error.ts';
import { noise } from '../prng.ts';
import { type ApiRequest, nodeOf, type Route } from '../route.ts';
import { nodeUsage } from '../usage.ts';

const check = { on: '/nodes/{node}', privileges: ['Sys.Audit'] };

/** One node: its state, clock, certificates and network. */
export const nodeRoutes: Route[] = [
  {
    // Answered by the node that received the call, also for a dead one.
    path: '/nodes/{node}',
    answer: () =>
      ['status', 'version', 'time', 'qemu', 'lxc', 'storage', 'tasks', 'network', 'rrddata'].map(name => ({
        name,
      })),
  },
  { path: '/nodes/{node}/status', forwarded: true, check, answer: nodeStatus },
  {
    path: '/nodes/{node}/version',
    forwarded: true,
    answer: request => {
      const { version } = nodeOf(request);
      return { version, release: version.replace(/\.\d+$/, ''), repoid: '14a22df3e1a2b3c4' };
    },
  },
  {
    path: '/nodes/{node}/time',
    forwarded: true,
    check,
    answer: request => {
      const time = Math.floor((request.state.clock.now() + nodeOf(request).clockOffsetMs) / 1000);
      return { time, localtime: time, timezone: 'UTC' };
    },
  },
  {
    path: '/nodes/{node}/certificates/info',
    forwarded: true,
    answer: ({ certificates, path }) => [certificates.ca, certificates.nodes.get(path.node!)],
  },
  {
    path: '/nodes/{node}/network',
    forwarded: true,
    query: { type: {} },
    answer: request => {
      const node = nodeOf(request);
      const rows: Record<string, unknown>[] = [
        {
          iface: 'eno1',
          type: 'eth',
          active: 1,
          exists: 1,
          families: ['inet'],
          method: 'manual',
          method6: 'manual',
          priority: 3,
        },
      ];
      // A bridge is an SDN object: without a right on it, it is missing.
      if (request.account.rights.has('/sdn/zones/localnetwork/vmbr0', 'SDN.Audit', 'SDN.Use')) {
        rows.push({
          iface: 'vmbr0',
          type: 'bridge',
          active: 1,
          autostart: 1,
          address: node.ip,
          netmask: '16',
          cidr: `${node.ip}/16`,
          gateway: '10.99.0.254',
          bridge_ports: 'eno1',
          bridge_stp: 'off',
          bridge_fd: '0',
          bridge_vlan_aware: 1,
          comments: 'management bridge\n',
          families: ['inet'],
          method: 'static',
          method6: 'manual',
          priority: 4,
        });
      }
      return rows.filter(row => request.query.type === undefined || row.type === request.query.type);
    },
  },
  {
    path: '/nodes/{node}/replication',
    forwarded: true,
    query: { guest: { type: 'integer', minimum: 100, maximum: 999_999_999 } },
    answer: ({ state, path, account }) => {
      if (!state.quorate()) throw new ApiError(500, 'cluster not ready - no quorum?');
      return state.replicationJobs
        .filter(
          job =>
            state.guests.get(job.guest)?.node === path.node &&
            account.rights.has(`/vms/${job.guest}`, 'VM.Audit'),
        )
        .map(job => ({
          ...job,
          source: path.node,
          vmtype: state.guests.get(job.guest)?.type,
          last_sync: Math.floor(state.clock.seconds() / 900) * 900,
          last_try: Math.floor(state.clock.seconds() / 900) * 900,
          next_sync: Math.floor(state.clock.seconds() / 900) * 900 + 900,
          duration: 3.25,
          fail_count: 0,
        }));
    },
  },
];

function nodeStatus(request: ApiRequest): Record<string, unknown> {
  const node = nodeOf(request);
  const now = request.state.clock.now();
  const { cpu, mem, disk, uptime } = nodeUsage(node, now);
  const load = [1, 5, 15].map(minutes =>
    (cpu * node.cpus * (0.8 + 0.2 * noise(node.salt, minutes))).toFixed(2),
  );
  return {
    'boot-info': { mode: 'efi', secureboot: 0 },
    cpu,
    cpuinfo: {
      cores: node.cpus / 2,
      cpus: node.cpus,
      sockets: 1,
      model: 'AMD EPYC 7302P 16-Core Processor',
      vendor: 'AuthenticAMD',
      family: '23',
      mhz: '3000.000',
      hvm: '1',
      flags: 'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat svm aes avx avx2',
      user_hz: 100,
    },
    'current-kernel': {
      machine: 'x86_64',
      release: '6.14.11-2-pve',
      sysname: 'Linux',
      version: '#1 SMP PREEMPT_DYNAMIC',
    },
    idle: 0,
    ksm: { shared: 0 },
    kversion: 'Linux 6.14.11-2-pve #1 SMP PREEMPT_DYNAMIC',
    loadavg: load,
    memory: { total: node.memory, used: mem, free: node.memory - mem, available: node.memory - mem },
    pveversion: `pve-manager/${node.version}/14a22df3e1a2b3c4`,
    rootfs: {
      total: node.rootfs,
      used: disk,
      free: node.rootfs - disk,
      avail: Math.floor((node.rootfs - disk) * 0.95),
    },
    swap: { total: 8589934592, used: 0, free: 8589934592 },
    uptime,
    wait: 0,
  };
}
