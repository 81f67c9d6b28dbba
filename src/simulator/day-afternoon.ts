import { alice, bob, type DayStep, on, terraform } from './day-stage.ts';
import { second } from './timing.ts';

/** The scripted day from 13:00 to 22:00. */
export const afternoon: DayStep[] = [
  {
    at: '13:00',
    label: 'alice deletes a container',
    act: ({ world, cast }) => on(cast.doomed, vmid => world.deleteGuest(vmid, alice)),
  },
  {
    at: '13:10',
    label: 'bob deletes a VM and creates another under its number',
    act: ({ world, cast }) => on(cast.reusedSame, vmid => world.reuseVmid(vmid, { name: 'reborn' }, bob)),
  },
  {
    at: '13:40',
    label: 'bob deletes a VM and gives its number to a container',
    act: ({ world, cast }) =>
      on(cast.reusedOther, vmid => world.reuseVmid(vmid, { type: 'lxc', name: 'ct-reborn' }, bob)),
  },
  {
    at: '14:10',
    label: 'alice stops a VM under high availability',
    act: ({ world, cast }) => on(cast.ha, vmid => world.haStop(vmid, { ...alice, delayMs: 8 * second })),
  },
  {
    at: '14:30',
    label: 'alice starts it again',
    act: ({ world, cast }) => on(cast.ha, vmid => world.haStart(vmid, { ...alice, delayMs: 8 * second })),
  },
  {
    at: '15:00',
    label: 'the update went wrong: alice rolls the VM back',
    act: ({ world, cast }) =>
      on(cast.snapshotted, vmid =>
        world.rollback(vmid, 'before_update', { ...alice, durationMs: 5 * second }),
      ),
  },
  {
    at: '15:05',
    label: 'alice starts it',
    act: ({ world, cast }) => on(cast.snapshotted, vmid => world.start(vmid, alice)),
  },
  {
    at: '15:20',
    label: 'somebody writes a password into a description',
    act: ({ world, cast }) =>
      on(cast.network, vmid =>
        world.editConfig(vmid, { description: 'login: admin\npassword=hunter2' }, bob),
      ),
  },
  {
    at: '15:40',
    label: 'terraform turns a stopped VM into a template',
    act: ({ world, cast }) => on(cast.templated, vmid => world.convertToTemplate(vmid, terraform)),
  },
  {
    at: '16:00',
    label: 'bob migrates a running container, which restarts',
    act: ({ world, cast }) =>
      on(cast.container, vmid => {
        const target = cast.otherNode(vmid);
        return target === undefined
          ? false
          : world.migrate(vmid, target, { ...bob, durationMs: 15 * second });
      }),
  },
  {
    at: '16:30',
    label: 'root lets the storage local hold images too',
    act: ({ world }) =>
      world.editStorage('local', { content: ['iso', 'vztmpl', 'backup', 'snippets', 'images'] }),
  },
  {
    at: '17:00',
    label: 'alice suspends a VM to disk',
    act: ({ world, cast }) =>
      on(cast.tagged, vmid => world.suspend(vmid, { ...alice, toDisk: true, durationMs: 12 * second })),
  },
  {
    at: '17:30',
    label: 'alice wakes it',
    act: ({ world, cast }) => on(cast.tagged, vmid => world.start(vmid, alice)),
  },
  {
    at: '18:00',
    label: 'a start fails',
    act: ({ world, cast }) =>
      on(cast.backedUp, vmid => world.start(vmid, { ...bob, fail: 'start failed: QEMU exited with code 1' })),
  },
  {
    at: '18:30',
    label: 'the first node cannot reach nas',
    act: ({ world, cast }) => world.setStorageUnreachable('nas', true, [cast.nodes[0]!]),
  },
  {
    at: '19:00',
    label: 'it can again',
    act: ({ world, cast }) => world.setStorageUnreachable('nas', false, [cast.nodes[0]!]),
  },
  {
    at: '19:20',
    label: 'bob changes a stopped VM by mistake',
    act: ({ world, cast }) =>
      on(cast.backedUp, vmid => world.editConfig(vmid, { memory: 1024, cores: 1 }, bob)),
  },
  {
    at: '19:30',
    label: 'bob restores it from the backup of the morning',
    act: ({ world, cast }) =>
      on(cast.backedUp, vmid => world.restore(vmid, { ...bob, durationMs: 90 * second })),
  },
  {
    at: '20:00',
    label: 'alice shuts a VM down',
    act: ({ world, cast }) =>
      on(cast.migrated, vmid => world.shutdown(vmid, { ...alice, durationMs: 9 * second })),
  },
  {
    at: '20:30',
    label: 'alice removes the tags she gave',
    act: ({ world, cast }) => on(cast.tagged, vmid => world.setTags(vmid, [], alice)),
  },
  {
    at: '21:00',
    label: 'terraform deletes shop-new: created and gone within the day',
    act: ({ world, cast }) => on(cast.created, vmid => world.deleteGuest(vmid, terraform)),
  },
  {
    at: '21:30',
    label: 'bob gives the renamed VM its old name back',
    act: ({ world, cast }) => on(cast.renamed, vmid => world.rename(vmid, cast.oldName, bob)),
  },
  { at: '22:00', label: 'the day ends', act: () => undefined },
];
