import { expect, test } from 'vitest';
import type { Lab } from '../../support/lab.ts';
import { onBothStores } from '../../support/sql-labs.ts';

/** Acts that leave a task, a log line, or nothing; what was done by whom. */
async function live(lab: Lab): Promise<void> {
  const { sim } = lab;
  await lab.discover({ deep: true });
  const vms = sim.world.find({ type: 'qemu', template: false, status: 'stopped' });
  const containers = sim.world.find({ type: 'lxc', template: false });
  sim.world.editConfig(vms[0]!, { memory: '3072' }, { user: 'ann@pve' });
  sim.world.editConfig(containers[0]!, { memory: '777' }, { user: 'bob@pve' });
  sim.world.editConfig(
    vms[1]!,
    { cipassword: 'hunter2-first', description: 'password: hunter2-first' },
    { user: 'ann@pve' },
  );
  sim.clock.advance(90_000);
  await lab.discover({ deep: true });
  sim.world.editConfig(
    vms[1]!,
    { cipassword: 'hunter2-second', description: 'password: hunter2-second' },
    { user: 'ann@pve' },
  );
  sim.clock.advance(90_000);
  await lab.discover({ deep: true });
}

onBothStores('what views tell', { guests: 40, prepare: live }, lab => {
  const rows = async (sql: string) =>
    (await lab().call('query_sql', { sql, limit: 1_000 })).rows as unknown[][];

  test('counts what lists count', async () => {
    const { total: vms } = await lab().call('list_vms');
    expect(await rows("select count(*) from guests where type = 'vm'")).toEqual([[vms]]);
    const { vms: listed } = await lab().call('list_vms', { limit: 500 });
    const told = await rows(
      "select vmid, name, node, status, cpus, boot_disk_gib from guests where type = 'vm' order by vmid",
    );
    expect(told).toEqual(
      listed.map(vm => [vm.vmid, vm.name ?? null, vm.node, vm.status, vm.cpus, vm.boot_disk_gib ?? null]),
    );
  });

  test('storages and nodes are as their lists show them', async () => {
    const { storage } = await lab().call('list_storage', { limit: 500 });
    const told = await rows('select storage, status, total_gib from storage order by storage, node');
    expect(told).toEqual(
      storage
        .toSorted((a, b) => (`${a.storage} ${a.node}` < `${b.storage} ${b.node}` ? -1 : 1))
        .map(one => [one.storage, one.status, one.total_gib ?? null]),
    );
  });

  test('an author is named where one is recorded, and nobody where none is', async () => {
    const memory = await rows(
      "select c.resource, c.user from changes c join change_fields f using (seq, resource) where f.path = 'config.memory' order by c.resource",
    );
    expect(memory).toEqual([
      [expect.stringMatching(/^container\//), null],
      [expect.stringMatching(/^vm\//), 'ann@pve'],
    ]);
  });

  test('every author is the one that show_history names, field for field', async () => {
    const { history: changes } = await lab().call('show_history', { limit: 500 });
    const named = await rows('select resource, at, user from changes where user is not null');
    expect(named.length).toBeGreaterThan(0);
    for (const [resource, at, user] of named) {
      const users = changes
        .filter(one => one.resource === resource && Date.parse(one.at) === Date.parse(at as string))
        .flatMap(one => (one.causes ?? []).map(cause => cause.user));
      expect(users).toContain(user);
    }
  });

  test('a secret is gone, whatever is done to the column', async () => {
    const key = "key in ('cipassword', 'description') and value like '%secret%'";
    for (const what of [
      'value',
      'substr(value, 2, 40)',
      "replace(value, 'secret', '')",
      'length(value)',
      'lower(value)',
      "instr(value, '~')",
    ]) {
      const found = JSON.stringify(await rows(`select ${what} from config where ${key}`));
      expect(found).not.toMatch(/hunter2|~[0-9a-f]{4}/);
    }
    expect(
      await rows(`select distinct instr(value, '~'), length(value) from config where key = 'cipassword'`),
    ).toEqual([[0, 8]]);
    const changed = await rows(
      "select from_value, to_value from change_fields where path = 'config.description' order by seq desc limit 1",
    );
    expect(changed).toEqual([['password: (secret)', 'password: (secret changed)']]);
  });

  test('text from the cluster is data here, too', async () => {
    const { sim } = lab();
    const [vm] = sim.world.find({ type: 'qemu', template: false });
    sim.world.editConfig(vm!, { description: 'line\u202e one\n<img src=x> [a](http://x)' });
    sim.clock.advance(400_000);
    await lab().discover({ deep: true });
    const [[value]] = (await rows(
      `select value from config where resource = 'vm/${vm}' and key = 'description'`,
    )) as [[string]];
    expect(value).not.toMatch(/[\u202e\n<>]|\]\(/);
  });

  // Kills: control characters as escapes of JSON, which whoever reads that JSON gets back.
  test('text within JSON is cleaned as any other, and stays JSON', async () => {
    const list = ['a\u001b[2Jb', 'c\u0000\b\ud800d', 'tail\\u001b', '\u202ee'];
    const [[told]] = (await rows(`select '${JSON.stringify(list)}'`)) as [[string]];
    expect(told).not.toMatch(/(?<!\\)(?:\\\\)*\\u/);
    expect(JSON.parse(told)).toEqual(['a b', 'c \ufffdd', 'tail\\u001b', 'e']);
  });

  test('a lost node: its guests are unknown with the reason, nothing counts them as running', async () => {
    const { sim } = lab();
    const guests = await rows("select resource from guests where node = 'pve3' and status = 'running'");
    expect(guests.length).toBeGreaterThan(0);
    sim.world.nodeDown('pve3', { haRecovery: false });
    sim.clock.advance(400_000);
    const unseen = await rows(
      "select distinct status, unseen_reason is null, started_at from guests where node = 'pve3'",
    );
    expect(unseen).toEqual([['unknown', 0, null]]);
    expect(await rows("select count(*) from guests where node = 'pve3' and status = 'running'")).toEqual([
      [0],
    ]);
    expect(await rows("select status, cpu_percent from nodes where node = 'pve3'")).toEqual([
      ['offline', null],
    ]);
  });

  test('where Proxmox does not answer, the store does, and says so', async () => {
    const { sim } = lab();
    const before = await rows('select count(*) from guests');
    await sim.stop();
    sim.clock.advance(600_000);
    const answer = await lab().call('query_sql', { sql: 'select count(*) from guests' });
    expect(answer).toMatchObject({ rows: before, source: 'store', stale: { reason: expect.any(String) } });
  });
});
