import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ guests: 30, nodes: 3 });
  lab.sim.world.editConfig(101, { scsi2: 'local-zfs:base-103-disk-0/vm-101-disk-2,size=8G' });
  lab.sim.world.editConfig(104, { scsi2: 'local:103/base-103-disk-0.qcow2/104/vm-104-disk-2.qcow2,size=8G' });
  await lab.discover({ deep: true });
});
afterAll(() => lab.close());

const get = async (resource: string) => (await lab.call('get_resource', { resource })).resource;

describe('what belongs together', () => {
  test('a template names its linked clones, and a clone its template', async () => {
    expect((await get('vm/103')).linked_clones).toEqual(['vm/101', 'vm/104']);
    expect((await get('vm/101')).clone_of).toEqual(['vm/103']);
    const other = await get('vm/102');
    expect(other.clone_of).toBeUndefined();
    expect(other.linked_clones).toBeUndefined();
  });

  test('a guest stands on its storages, and a storage says who lives on it', async () => {
    const { node, stands_on: under } = await get('vm/104');
    expect(under).toContainEqual({ storage: 'local', status: 'available', devices: ['scsi2'] });
    expect((await get('storage/local')).used_by).toContain('vm/104 (scsi2)');
    expect((await get('storage/local-zfs')).used_by.length).toBeGreaterThan(20);
    lab.sim.world.setStorageUnreachable('local', true, [node]);
    await lab.discover({ facets: ['inventory', 'storage'] });
    expect((await get('vm/104')).stands_on).toContainEqual({
      storage: 'local',
      status: 'unreachable',
      devices: ['scsi2'],
    });
  });

  test('a storage names the jobs that store on it, disabled ones as such', async () => {
    expect((await get('storage/nas')).backup_jobs[0]).toMatch(/^backup-.* 01:00$/);
  });

  test('a node says who would move', async () => {
    const { vms } = await lab.call('list_vms', { limit: 500 });
    const managed = vms.find(vm => vm.ha === 'started' && vm.status === 'running');
    const { if_down: loss } = await get(`node/${managed!.node}`);
    expect(loss.verdict).toMatch(/guest/);
    const { impact } = await lab.call('check_health', { if_down: managed!.node });
    expect(loss.restarts_elsewhere).toEqual(impact.restarts_elsewhere);
  });
});
