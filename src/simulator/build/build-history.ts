import type { ClusterState } from '../state.ts';
import type { TaskPlan } from '../tasks.ts';
import { day, hour, minute } from '../timing.ts';
import { people } from './names.ts';

/** Tasks of the past days (nightly backups, some of them failed, and single actions), backup archives and jobs. */
export function buildHistory(state: ClusterState): void {
  const { random } = state;
  const now = state.clock.now();
  const past: { plan: TaskPlan; start: number; end: number }[] = [];
  for (const node of state.nodes.values()) {
    for (let night = 1; night <= 3; night++) {
      const start = now - night * day + random.int(0, 10 * minute);
      const failed = night === 2 && random.chance(0.4);
      const plan: TaskPlan = {
        node,
        type: 'vzdump',
        id: '',
        user: 'root@pam',
        log: ['INFO: starting new backup job'],
      };
      if (failed) plan.status = 'job errors';
      past.push({ plan, start, end: start + random.int(10, 50) * minute });
    }
    const replaced: TaskPlan = {
      node,
      type: 'aptupdate',
      id: '',
      user: 'root@pam',
      log: ['starting apt-get update'],
    };
    past.push({ plan: replaced, start: now - 20 * hour, end: now - 20 * hour + 9000 });
  }
  const guests = [...state.guests.values()];
  for (let i = 0; i < Math.min(40, guests.length); i++) {
    const guest = random.pick(guests);
    const [vm, ct] = random.pick([
      ['qmstart', 'vzstart'],
      ['qmshutdown', 'vzshutdown'],
      ['qmsnapshot', 'vzsnapshot'],
    ] as const);
    const start = now - random.int(hour, 80 * hour);
    const plan: TaskPlan = {
      node: state.node(guest.node),
      type: guest.type === 'qemu' ? vm : ct,
      id: guest.vmid,
      user: random.pick(people),
    };
    if (random.chance(0.1))
      plan.status = `can't lock file '/var/lock/qemu-server/lock-${guest.vmid}.conf' - got timeout`;
    past.push({ plan, start, end: start + random.int(0, 20_000) });
  }
  past.sort((a, b) => a.end - b.end);
  for (const { plan, start, end } of past) state.tasks.addPast(plan, start, end);
  buildBackups(state);
}

function buildBackups(state: ClusterState): void {
  const { random } = state;
  state.backupJobs = [
    {
      id: `backup-${random.hex(8)}-${random.hex(4)}`,
      enabled: 1,
      schedule: '01:00',
      storage: 'nas',
      mode: 'snapshot',
      comment: 'nightly',
      pool: 'prod',
      'prune-backups': { 'keep-daily': '7', 'keep-weekly': '4' },
    },
    {
      id: `backup-${random.hex(8)}-${random.hex(4)}`,
      enabled: 0,
      schedule: 'sat 03:00',
      storage: 'old-nas',
      mode: 'stop',
      all: 1,
    },
  ];
  for (const guest of [...state.guests.values()].filter(each => each.pool === 'prod').slice(0, 300)) {
    for (let night = 1; night <= 2; night++) {
      const time = new Date(state.clock.now() - night * day);
      state.volumes.push({
        volid: backupVolid('nas', guest.type, guest.vmid, time),
        storage: 'nas',
        node: undefined,
        content: 'backup',
        format: guest.type === 'qemu' ? 'vma.zst' : 'tar.zst',
        subtype: guest.type,
        size: random.int(300_000_000, 9_000_000_000),
        ctime: Math.floor(time.getTime() / 1000),
        vmid: guest.vmid,
        notes: String(guest.config.name ?? guest.config.hostname ?? ''),
        saved: { type: guest.type, config: { ...guest.config } },
      });
    }
  }
}

/** The name vzdump gives an archive. */
export function backupVolid(storage: string, type: 'qemu' | 'lxc', vmid: number, time: Date): string {
  const stamp = time.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '_');
  const [date, clock] = [stamp.slice(0, 10).replaceAll('-', '_'), stamp.slice(11)];
  return `${storage}:backup/vzdump-${type}-${vmid}-${date}-${clock}.${type === 'qemu' ? 'vma' : 'tar'}.zst`;
}
