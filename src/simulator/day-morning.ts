import { alice, bob, type DayStep, on, terraform } from './day-stage.ts';
import { minute, second } from './timing.ts';

/** The scripted day from 06:00 until a node that lost power is back with its guests. */
export const morning: DayStep[] = [
  { at: '06:00', label: 'the day begins: nothing has changed', act: () => undefined },
  {
    at: '06:05',
    label: 'alice gives the database VM more memory (no task; pending, for it runs)',
    act: ({ world, cast }) => on(cast.database, vmid => world.editConfig(vmid, { memory: 10_240 }, alice)),
  },
  {
    at: '06:20',
    label: 'bob gives a container more memory (neither task nor log line; at once)',
    act: ({ world, cast }) =>
      on(cast.container, vmid => world.editConfig(vmid, { memory: 3072, swap: 1024 }, bob)),
  },
  {
    at: '06:40',
    label: 'alice reboots the database VM: what was pending applies',
    act: ({ world, cast }) =>
      on(cast.database, vmid => world.restart(vmid, { ...alice, durationMs: 20 * second })),
  },
  {
    at: '07:00',
    label: 'terraform creates VM shop-new and starts it',
    act: ({ world, cast }) => {
      const wanted = {
        name: 'shop-new',
        tags: ['shop', 'web'],
        pool: 'prod',
        node: cast.nodes[0]!,
        start: true,
      };
      cast.created = world.createGuest(wanted, terraform).vmid;
    },
  },
  {
    at: '07:15',
    label: 'alice tags a VM',
    act: ({ world, cast }) => on(cast.tagged, vmid => world.setTags(vmid, ['audited', 'web'], alice)),
  },
  {
    at: '07:30',
    label: 'bob renames a VM',
    act: ({ world, cast }) => on(cast.renamed, vmid => world.rename(vmid, 'intranet', bob)),
  },
  {
    at: '07:45',
    label: 'bob moves a VM to another VLAN (no task)',
    act: ({ world, cast }) => on(cast.network, vmid => world.editProperty(vmid, 'net0', 'tag', '77', bob)),
  },
  {
    at: '08:00',
    label: 'alice starts a stopped VM',
    act: ({ world, cast }) =>
      on(cast.stopped, vmid => world.start(vmid, { ...alice, durationMs: 4 * second })),
  },
  {
    at: '08:10',
    label: 'root adds a disk to a VM (with a qmconfig task)',
    act: ({ world, cast }) =>
      on(cast.network, vmid =>
        world.editConfig(vmid, { scsi1: `local-zfs:vm-${vmid}-disk-9,size=64G` }, { task: true }),
      ),
  },
  {
    at: '08:30',
    label: 'alice takes a snapshot of a VM before an update',
    act: ({ world, cast }) =>
      on(cast.snapshotted, vmid =>
        world.snapshot(vmid, 'before_update', {
          ...alice,
          description: 'before the update',
          durationMs: 6 * second,
        }),
      ),
  },
  {
    at: '08:40',
    label: 'the update changes that VM: it starts on boot now, with another note',
    act: ({ world, cast }) =>
      on(cast.snapshotted, vmid => world.editConfig(vmid, { onboot: 1, description: 'updated' }, alice)),
  },
  {
    at: '08:45',
    label: 'root deletes an old snapshot',
    act: ({ world, cast }) =>
      on(cast.ha, vmid => world.deleteSnapshot(vmid, 'before_upgrade', { durationMs: 3 * second })),
  },
  {
    at: '09:00',
    label: 'terraform clones the template',
    act: ({ world, cast }) =>
      on(cast.template, vmid => {
        cast.cloned = world.cloneGuest(
          vmid,
          { name: 'ci-clone', pool: 'dev' },
          { ...terraform, durationMs: 40 * second },
        ).vmid;
      }),
  },
  {
    at: '09:10',
    label: 'terraform starts the clone',
    act: ({ world, cast }) => on(cast.cloned, vmid => world.start(vmid, terraform)),
  },
  {
    at: '09:30',
    label: 'bob migrates a running VM to another node',
    act: ({ world, cast }) =>
      on(cast.migrated, vmid => {
        const target = cast.otherNode(vmid);
        return target === undefined
          ? false
          : world.migrate(vmid, target, { ...bob, durationMs: 25 * second });
      }),
  },
  {
    at: '10:00',
    label: 'the backup of a VM fails',
    act: ({ world, cast }) =>
      on(cast.network, vmid => world.backup(vmid, { durationMs: 2 * minute, fail: 'job errors' })),
  },
  {
    at: '10:20',
    label: 'a stopped VM is backed up, for which vzdump starts it',
    act: ({ world, cast }) => on(cast.backedUp, vmid => world.backup(vmid, { durationMs: 3 * minute })),
  },
  {
    at: '10:40',
    label: 'root switches the storage nas off',
    act: ({ world }) => world.setStorageDisabled('nas', true),
  },
  {
    at: '11:00',
    label: 'root switches nas on again',
    act: ({ world }) => world.setStorageDisabled('nas', false),
  },
  {
    at: '11:20',
    label: 'alice moves a VM into the pool staging',
    act: ({ world, cast }) => on(cast.tagged, vmid => world.setPool(vmid, 'staging', alice)),
  },
  {
    at: '11:40',
    label: 'somebody shuts a VM down from inside: no task',
    act: ({ world, cast }) => on(cast.renamed, vmid => world.shutdownInside(vmid)),
  },
  {
    at: '12:00',
    label: 'the last node loses power',
    act: ({ world, cast }) => {
      if (cast.nodes.length < 3) return false;
      cast.ranOnLost = world.find({ node: cast.lastNode, status: 'running', ha: false });
      return world.nodeDown(cast.lastNode);
    },
  },
  { at: '12:06', label: 'its guests have been unknown for a minute', act: () => undefined },
  {
    at: '12:30',
    label: 'the node is back; its guests are stopped',
    act: ({ world, cast }) => (cast.nodes.length < 3 ? false : world.nodeUp(cast.lastNode)),
  },
  {
    at: '12:35',
    label: 'bob starts the guests that had run there',
    act: ({ world, cast }) => {
      for (const vmid of cast.ranOnLost) world.start(vmid, bob);
      return cast.ranOnLost.length > 0;
    },
  },
];
