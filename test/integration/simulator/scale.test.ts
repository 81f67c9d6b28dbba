import { expect, it } from 'vitest';
import { openLab } from '../../support/simulator-client.ts';

it('the simulator holds ten thousand guests', async () => {
  const lab = await openLab({ guests: 10_000, nodes: 32 });
  const rows = await lab.rows('/cluster/resources?type=vm');
  expect(rows).toHaveLength(10_000);
  expect(rows.filter(row => row.type === 'qemu')).toHaveLength(7500);
  expect(new Set(rows.map(row => row.vmid)).size).toBe(10_000);
  lab.sim.world.rename(100, 'renamed');
  const renamed = await lab.rows('/cluster/resources?type=vm');
  expect(renamed.find(row => row.vmid === 100)!.name).toBe('renamed');
  await lab.close();
});
