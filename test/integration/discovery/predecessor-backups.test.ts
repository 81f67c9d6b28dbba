import { afterEach, expect, test } from 'vitest';
import { onBothEngines } from '../../support/database-engine.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';

const HOUR = 3_600_000;
type Backups = {
  count?: number;
  last_backup_at?: string;
  former?: { count: number; of_predecessor: boolean }[];
};

onBothEngines('backups under a VMID that was used before', engine => {
  /** One kind on each engine; both on both in the soak. */
  const types = (['qemu', 'lxc'] as const).filter(
    type => SOAK || (type === 'qemu') === (engine.name === 'sqlite'),
  );
  let lab: Lab;
  afterEach(() => lab.close());
  const begin = async (type: 'qemu' | 'lxc') => {
    lab = await startLab({
      discovered: true,
      guests: 12,
      ...(engine.name === 'postgresql' && { databaseUrl: await engine.newStore() }),
    });
    const [vmid] = lab.sim.world.find({ type, template: false, ha: false });
    if (lab.sim.world.find({ status: 'running' }).includes(vmid!)) lab.sim.world.stop(vmid!);
    lab.sim.world.backup(vmid!, { durationMs: 0 });
    await pass();
    return { vmid: vmid!, key: `${type === 'qemu' ? 'vm' : 'container'}/${vmid}` };
  };
  const pass = async (ms = HOUR) => {
    lab.sim.clock.advance(ms);
    await lab.discover();
  };
  const backups = async (key: string): Promise<Backups> => {
    const { resource } = await lab.call('get_resource', { resource: key });
    return resource.backups;
  };
  const bare = async () => {
    const { attention } = await lab.call('get_cluster_status', { detail: 'full' });
    const rows = attention as { what: string; why: string }[];
    return rows.filter(row => row.what === 'backups').map(row => row.why);
  };

  // Kills: counting whatever lies under the VMID for the guest that has it now.
  test.each(types)("are not the successor's: %s", async type => {
    const { vmid, key } = await begin(type);
    const before = await backups(key);
    expect(before.count).toBeGreaterThan(0);
    expect(before.former).toBeUndefined();
    lab.sim.world.reuseVmid(vmid, { type, name: 'second' });
    await pass();
    const after = await backups(key);
    expect(after).toMatchObject({ count: 0, former: expect.any(Array) });
    expect(after.last_backup_at).toBeUndefined();
    expect(after.former!.every(one => one.of_predecessor)).toBe(true);
    expect(after.former!.reduce((sum, one) => sum + one.count, 0)).toBe(before.count);
    const [none = '', oldest = ''] = await bare();
    expect(none).toContain(`${key} (only of the guest that had its VMID before)`);
    expect(oldest).not.toContain(`${key} `);
    const rows = (await lab.store.guests(type === 'qemu' ? 'vm' : 'container', { withoutBackup: true })).rows;
    expect(rows.map(row => row.id)).toContain(vmid);
    // Its own one is its last.
    lab.sim.world.backup(vmid);
    const at = lab.sim.clock.now();
    await pass();
    const own = await backups(key);
    expect(own).toMatchObject({ count: 1, former: after.former });
    expect(Date.parse(own.last_backup_at!)).toBeCloseTo(at, -4);
    expect((await bare())[0]).not.toContain(`${key} (`);
  });

  // Kills: a successor that inherits until backups happen to be looked for again.
  test('change hands at once, and also where their storage does not answer', async () => {
    const { vmid, key } = await begin('qemu');
    const { count } = await backups(key);
    lab.sim.world.reuseVmid(vmid, { name: 'second' });
    lab.sim.world.setStorageUnreachable('nas', true);
    lab.sim.clock.advance(30_000);
    await lab.discover({ facets: ['inventory', 'tasks'] });
    const after = await backups(key);
    expect(after.count ?? 0).toBe(0);
    expect(after.former!.reduce((sum, one) => sum + one.count, 0)).toBe(count);
  });

  // Kills: "first seen after its backup, so its backup is another's".
  test.each(types)('are those of a guest that was restored from them: %s', async type => {
    const { vmid, key } = await begin(type);
    const { count } = await backups(key);
    lab.sim.world.deleteGuest(vmid);
    await pass();
    expect((await backups(key)).count).toBe(count);
    lab.sim.world.restore(vmid);
    await pass();
    const after = await backups(key);
    expect(after.count).toBe(count);
    expect(after.former).toBeUndefined();
    // ... and over itself.
    lab.sim.world.restore(vmid);
    await pass();
    expect((await backups(key)).count).toBe(count);
  });

  // Kills: a clone that owns the backups of a template's age, since it bears the time of its creation.
  test('are not those of a clone that was given the VMID', async () => {
    const { vmid, key } = await begin('qemu');
    const { count } = await backups(key);
    const [original] = lab.sim.world.find({ type: 'qemu', template: false }).filter(one => one !== vmid);
    lab.sim.world.deleteGuest(vmid);
    await pass();
    lab.sim.world.cloneGuest(original!, { newid: vmid, name: 'copy' });
    await pass();
    const after = await backups(key);
    expect(after.count).toBe(0);
    expect(after.former!.reduce((sum, one) => sum + one.count, 0)).toBe(count);
  });

  // Kills: "it came into sight just now, so what is older is not its".
  test("are a guest's own that only came into sight", async () => {
    const { vmid, key } = await begin('lxc');
    const { count } = await backups(key);
    lab.sim.world.setRights(lab.sim.tokens.full, [
      { path: '/', role: 'Administrator' },
      { path: `/vms/${vmid}`, role: 'NoAccess' },
    ]);
    await pass();
    lab.sim.world.setRights(lab.sim.tokens.full, [{ path: '/', role: 'Administrator' }]);
    await pass();
    expect(await backups(key)).toMatchObject({ count });
    expect((await backups(key)).former).toBeUndefined();
  });

  test('are told apart though the clocks are off', async () => {
    const { vmid, key } = await begin('lxc');
    const { count } = await backups(key);
    for (const node of ['pve1', 'pve2', 'pve3']) lab.sim.world.setClockOffset(node, -300_000);
    lab.skew = 7_200_000;
    lab.sim.world.reuseVmid(vmid, { type: 'lxc', name: 'second' });
    await pass(2 * HOUR);
    expect((await backups(key)).former!.reduce((sum, one) => sum + one.count, 0)).toBe(count);
    lab.sim.world.backup(vmid);
    await pass();
    expect((await backups(key)).count).toBe(1);
  });
});
