import { alice, bob, terraform } from './day-stage.ts';
import type { Random } from './prng.ts';
import { hour, minute, second } from './timing.ts';
import type { By } from './world/act.ts';
import type { World } from './world/index.ts';

/** What an event works with: the cluster, chance, and what the month itself has created so far. */
export interface Scene {
  world: World;
  random: Random;
  nodes: string[];
  made: { guests: number[]; snapshots: [vmid: number, name: string][] };
}

/** Something that happens. Returns a description, or undefined if there was nothing it could happen to. */
export type Event = (scene: Scene) => string | undefined;

type Wanted = Parameters<World['find']>[0];

const root: Required<By> = { user: 'root@pam' };
const people = [alice, bob, { user: 'carol@pve' }];
const runningVm: Wanted = { type: 'qemu', status: 'running' };
const names = ['wiki', 'grafana', 'registry', 'mail', 'runner', 'backup-proxy', 'vault', 'metrics'];
const tags = ['web', 'internal', 'critical', 'audited', 'legacy', 'team-a', 'team-b'];

/** By one of the people to a suitable guest. Templates and guests under high availability are left alone. */
function toGuest(
  wanted: Wanted,
  what: string,
  act: (scene: Scene, vmid: number, who: Required<By>) => unknown,
): Event {
  return scene => {
    const fit = scene.world.find({ template: false, ha: false, ...wanted });
    if (fit.length === 0) return undefined;
    const [vmid, who] = [scene.random.pick(fit), scene.random.pick(people)];
    return act(scene, vmid, who) === false ? undefined : `${who.user} ${what} ${vmid}`;
  };
}

/** To a snapshot taken during the month, of a guest that still exists. */
function toSnapshot(what: string, act: (world: World, vmid: number, name: string) => unknown): Event {
  return ({ world, made }) => {
    const found = made.snapshots.pop();
    if (found === undefined || !world.find({}).includes(found[0])) return undefined;
    act(world, ...found);
    return `${alice.user} ${what} ${found[0]}`;
  };
}

/** An unused name: the number counts the month's guests. */
const newName = ({ random, made }: Scene): string => `${random.pick(names)}-${made.guests.length + 1}`;

const migrate = ({ world, nodes, random }: Scene, vmid: number, who: By) => {
  const others = nodes.filter(node => !world.find({ node }).includes(vmid));
  return others.length > 0 && world.migrate(vmid, random.pick(others), { ...who, durationMs: 40 * second });
};

/** What happens on ordinary days, all equally likely. */
export const ordinary: Event[] = [
  toGuest(runningVm, 'gives other memory, from its next start on, to VM', ({ world, random }, vmid, who) =>
    world.editConfig(vmid, { memory: 1024 * random.int(2, 16) }, who),
  ),
  toGuest(runningVm, 'reboots VM', ({ world }, vmid, who) =>
    world.restart(vmid, { ...who, durationMs: 20 * second }),
  ),
  toGuest({ type: 'lxc' }, 'gives other memory to container', ({ world, random }, vmid, who) =>
    world.editConfig(vmid, { memory: 512 * random.int(1, 8) }, who),
  ),
  toGuest({}, 'tags guest', ({ world, random }, vmid, who) =>
    world.setTags(vmid, random.shuffle(tags).slice(0, 2), who),
  ),
  toGuest({ type: 'qemu' }, 'writes a note on VM', ({ world, random }, vmid, who) =>
    world.editConfig(vmid, { description: `ticket ${random.int(1000, 9999)}` }, who),
  ),
  toGuest({ type: 'qemu' }, 'moves to another VLAN VM', ({ world, random }, vmid, who) =>
    world.editProperty(vmid, 'net0', 'tag', String(random.int(30, 60)), who),
  ),
  toGuest({ type: 'qemu' }, 'renames VM', ({ world, random }, vmid, who) =>
    world.rename(vmid, `${random.pick(names)}-r${random.int(10, 99)}`, who),
  ),
  toGuest({}, 'moves to another pool guest', ({ world, random }, vmid, who) =>
    world.setPool(vmid, random.pick(['prod', 'staging', 'dev']), who),
  ),
  toGuest(runningVm, 'migrates VM', migrate),
  toGuest({ type: 'lxc', status: 'running' }, 'migrates container', migrate),
  toGuest({ status: 'running' }, 'shuts down guest', ({ world }, vmid, who) =>
    world.shutdown(vmid, { ...who, durationMs: 9 * second }),
  ),
  toGuest({ status: 'stopped' }, 'starts guest', ({ world }, vmid, who) => world.start(vmid, who)),
  toGuest({ status: 'stopped' }, 'fails to start guest', ({ world }, vmid, who) =>
    world.start(vmid, { ...who, fail: 'start failed: no space left on device' }),
  ),
  toGuest(runningVm, 'adds a disk to VM', ({ world, random }, vmid, who) => {
    const disk = `local-zfs:vm-${vmid}-disk-${random.int(3, 9)},size=${random.int(1, 8) * 16}G`;
    world.editConfig(vmid, { scsi2: disk }, { ...who, task: true });
  }),
  toGuest(runningVm, 'takes a snapshot of VM', ({ world, random, made }, vmid, who) => {
    const name = `update_${random.int(100, 999)}`;
    made.snapshots.push([vmid, name]);
    world.snapshot(vmid, name, { ...who, durationMs: 6 * second });
  }),
  toSnapshot('deletes a snapshot of VM', (world, vmid, name) => world.deleteSnapshot(vmid, name, alice)),
  toSnapshot('rolls back VM', (world, vmid, name) =>
    world.rollback(vmid, name, { ...alice, durationMs: 5 * second }),
  ),
  scene => {
    const { world, random, nodes, made } = scene;
    const type = random.pick(['qemu', 'lxc'] as const);
    const wanted = { type, name: newName(scene), node: random.pick(nodes), pool: 'dev', start: true };
    const { vmid } = world.createGuest(wanted, terraform);
    made.guests.push(vmid);
    return `${terraform.user} creates guest ${vmid}`;
  },
  scene => {
    const { world, random, made } = scene;
    const templates = world.find({ type: 'qemu', template: true });
    if (templates.length === 0) return undefined;
    const wanted = { name: newName(scene), pool: 'staging' };
    const { vmid } = world.cloneGuest(random.pick(templates), wanted, { ...bob, durationMs: minute });
    made.guests.push(vmid);
    return `${bob.user} clones a template to VM ${vmid}`;
  },
  ({ world, made }) => {
    const vmid = made.guests.find(one => world.find({}).includes(one));
    if (vmid === undefined) return undefined;
    world.deleteGuest(vmid, terraform);
    return `${terraform.user} deletes guest ${vmid}`;
  },
];

/** Every night root backs up two guests; now and then a backup fails. */
export const nightly: Event = ({ world, random }) => {
  const vmids = random.shuffle(world.find({ template: false })).slice(0, 2);
  for (const vmid of vmids)
    world.backup(vmid, { durationMs: 2 * minute, ...(random.chance(0.1) && { fail: 'job errors' }) });
  return `${root.user} backs up ${vmids.join(' and ')}`;
};

/** Failures and maintenance by day, and how long after its beginning (ms); outages last half an hour or more. */
export function incidents(day: number): [after: number, event: Event][] {
  switch (day) {
    case 8:
      return [
        [5 * hour, unreachable(true)],
        [7 * hour, unreachable(false)],
      ];
    case 12:
      return outage(nodes => nodes.at(-1)!, 5 * hour);
    case 19:
      return [
        [5 * hour, switched('off', true)],
        [6 * hour, switched('on', false)],
      ];
    case 22:
      return [
        [
          5 * hour,
          ({ world, nodes }) => {
            for (const node of nodes) world.setNodeVersion(node, '9.2.12');
            return `${root.user} upgrades all nodes`;
          },
        ],
      ];
    case 26:
      return outage(nodes => nodes[1]!, 6 * hour);
    default:
      return [];
  }
}

const unreachable =
  (lost: boolean): Event =>
  ({ world }) => {
    world.setStorageUnreachable('nas', lost);
    return lost ? 'nobody can reach nas' : 'nas is back';
  };

const switched =
  (how: string, disabled: boolean): Event =>
  ({ world }) => {
    world.setStorageDisabled('nas', disabled);
    return `${root.user} switches nas ${how}`;
  };

function outage(which: (nodes: string[]) => string, at: number): [number, Event][] {
  let ran: number[] = [];
  return [
    [
      at,
      ({ world, nodes }) => {
        if (nodes.length < 3) return undefined;
        ran = world.find({ node: which(nodes), status: 'running', ha: false });
        world.nodeDown(which(nodes));
        return `${which(nodes)} loses power`;
      },
    ],
    [
      at + 30 * minute,
      ({ world, nodes }) => {
        if (nodes.length < 3) return undefined;
        world.nodeUp(which(nodes));
        return `${which(nodes)} is back`;
      },
    ],
    [
      at + 40 * minute,
      ({ world }) => {
        for (const vmid of ran) world.start(vmid, bob);
        return `${bob.user} starts what had run there`;
      },
    ],
  ];
}
