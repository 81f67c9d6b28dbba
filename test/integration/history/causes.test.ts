import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';
import { newestCauses } from '../../support/newest-causes.ts';
import { plainRunning } from '../../support/story.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ discovered: true, guests: 16 });
  lab.sim.clock.advance(120_000);
});
afterEach(() => lab.close());

const causes = (vmid: number) => newestCauses(lab, vmid);

// Kills: "no task, no cause".
test('an edit that leaves no task is told by the cluster log, with the user', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.editConfig(vmid, { memory: 3072 }, { user: 'alice@pve' });
  lab.sim.world.setTags(vmid, ['moved'], { user: 'alice@pve' });
  await lab.discover();
  expect(await causes(vmid)).toEqual([
    { type: 'update: -memory 3072', user: 'alice@pve', source: 'log', fields: ['pending.memory'] },
    { type: 'update: -tags moved', user: 'alice@pve', source: 'log', fields: ['tags'] },
  ]);
});

// Kills: "only a task or an old configuration is a reason to read": the line names the guest.
test('a log line is a sign that a configuration is due, though its row did not move', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.editConfig(vmid, { description: 'quietly' });
  lab.sim.requests.reset();
  await lab.discover({ facets: ['inventory', 'tasks'] });
  expect((await lab.store.configs([{ type: 'vm', id: vmid }]))[0]!.config['description']).toBe('quietly');
  expect(lab.sim.requests.count(/pending$/)).toBe(1);
});

// Kills: "its row was seen since, so the edit is younger": a row does not tell of its configuration.
test('an edit before the last look at the listing is the cause of what a later reading finds', async () => {
  const vmid = plainRunning(lab);
  lab.sim.clock.advance(120_000);
  lab.sim.world.editConfig(vmid, { description: 'edited' }, { user: 'alice@pve' });
  lab.sim.clock.advance(120_000);
  await lab.discover({ facets: ['inventory'] });
  lab.sim.clock.advance(120_000);
  await lab.discover({ deep: true });
  expect(await causes(vmid)).toMatchObject([{ user: 'alice@pve', source: 'log' }]);
});

// Kills: storing lines as they are.
test('secrets in log lines are not kept', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.editConfig(vmid, { args: '-fw_cfg name=opt/x,string=hunter2 -memory 7' });
  lab.sim.world.editConfig(vmid, { description: 'root password: hunter2', cores: 3 });
  await lab.discover();
  const lines = await lab.store.logLines({ vmid, since: 0, until: Number.MAX_SAFE_INTEGER });
  expect(lines).toHaveLength(2);
  expect(JSON.stringify(lines)).not.toContain('hunter2');
  expect(lines.map(line => line.message).join()).toContain('-cores 3');
});

// Kills: one cause per change.
test('a stop through HA links the person and what HA ran as root', async () => {
  const vmid = lab.sim.world.find({ type: 'qemu', status: 'running', ha: true })[0]!;
  lab.sim.world.haStop(vmid, { user: 'bob@pve', delayMs: 8_000 });
  lab.sim.clock.advance(20_000);
  await lab.discover();
  const found = await causes(vmid);
  expect(found.map(({ type, user }) => ({ type, user }))).toEqual([
    { type: 'hastop', user: 'bob@pve' },
    { type: 'qmstop', user: 'root@pam' },
  ]);
});

// Kills: taking `starting task` and `end task` for edits, and a user spelled with its token for another one.
test('a task is one cause, spelled alike while it runs and when it has ended', async () => {
  const vmid = plainRunning(lab);
  const user = 'root@pam!terraform';
  lab.sim.world.stop(vmid, { user, durationMs: 10_000 });
  await lab.discover();
  const [running] = (await lab.store.tasks({ statuses: ['running'] })).rows;
  expect(running).toMatchObject({ user: 'root@pam', tokenId: 'terraform' });
  lab.sim.clock.advance(20_000);
  await lab.discover();
  expect(await lab.store.task(running!.upid)).toMatchObject({
    user: 'root@pam',
    tokenId: 'terraform',
    status: 'ok',
  });
  expect(await causes(vmid)).toEqual([
    { upid: running!.upid, type: 'qmstop', user, status: 'OK', source: 'task' },
  ]);
});

// Kills: "from the newest task on": one that began long before it and runs on would never end.
test('a task that outlasts others is known to have ended', async () => {
  const vmid = plainRunning(lab);
  const upid = lab.sim.world.backup(vmid, { durationMs: 3_600_000 });
  await lab.discover();
  expect(await lab.store.task(upid)).toMatchObject({ status: 'running' });
  lab.sim.clock.advance(1_800_000);
  const { node } = lab.sim.truth.state().guests[`vm/${vmid}`]!;
  lab.sim.world.createGuest({ node }, { durationMs: 7_200_000 });
  await lab.discover();
  lab.sim.clock.advance(2_400_000);
  await lab.discover();
  expect(await lab.store.task(upid)).toMatchObject({ status: 'ok' });
});

// Kills: comparing our times with the cluster's.
test.each([-3_600_000, 3_600_000])('causes are found though our clock is %i ms off', async skew => {
  lab.skew = skew;
  await lab.discover();
  lab.sim.clock.advance(120_000);
  const vmid = plainRunning(lab);
  lab.sim.world.stop(vmid, { user: 'alice@pve' });
  await lab.discover();
  expect(await causes(vmid)).toMatchObject([{ type: 'qmstop', user: 'alice@pve' }]);
});

// Kills: failing, or staying silent about it, where the log may not be read.
test('without the right to the log there is no cause, and the run says why', async () => {
  lab.sim.world.setRights(lab.sim.tokens.full, [{ path: '/', role: 'PVEAuditor' }]);
  const vmid = plainRunning(lab);
  lab.sim.world.setTags(vmid, ['moved'], { user: 'alice@pve' });
  const run = await lab.discover();
  expect(await causes(vmid)).toEqual([]);
  expect(run.warnings.join()).toContain('Sys.Syslog');
});

// Kills: "only a task inside the window". The row of the listing lags 12 s, so the window may begin after the task's end.
test('a task that ended while the listing still showed the state before it is the cause', async () => {
  await lab.close();
  lab = await startLab({ guests: 16, rowLagMs: 12_000 });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  lab.sim.clock.advance(120_000);
  const vmid = plainRunning(lab);
  lab.sim.world.stop(vmid, { user: 'alice@pve' });
  lab.sim.clock.advance(4_000);
  await lab.discover({ facets: ['inventory'] });
  expect((await lab.store.guest('vm', vmid))!.status).toBe('running');
  lab.sim.clock.advance(60_000);
  await lab.discover();
  const resource = { type: 'vm', id: String(vmid) } as const;
  const [version] = await lab.store.versions({ resource, changesOnly: true }, { limit: 1 });
  const [task] = (await lab.store.tasks({ resource })).rows;
  expect(version!.windowAfter).toBeGreaterThan(task!.endTime!);
  expect(await causes(vmid)).toEqual([
    { upid: task!.upid, type: 'qmstop', user: 'alice@pve', status: 'OK', source: 'task' },
  ]);
});

// Kills: naming the first causes of many: the last ones left the guest as it is.
test('who acted last is named however many acted before, and the others are counted', async () => {
  const vmid = plainRunning(lab);
  for (let turn = 0; turn < 12; turn++) {
    lab.sim.world.setTags(vmid, [`turn-${turn}`], { user: 'alice@pve' });
    // A restart in between neither tags a guest nor stops it.
    lab.sim.world.restart(vmid, { user: 'mallory@pve' });
    lab.sim.clock.advance(60_000);
  }
  lab.sim.world.setTags(vmid, ['last'], { user: 'carol@pve' });
  lab.sim.world.stop(vmid, { user: 'bob@pve' });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  const { changes } = await lab.call('diff_state', { resource: `vm/${vmid}` });
  const { causes: named, more_causes: others } = changes[0]!;
  expect(
    named
      .map(({ user }: { user: string }) => user)
      .slice(-3)
      .sort(),
  ).toEqual(['alice@pve', 'bob@pve', 'carol@pve']);
  expect(named.length + others).toBe(14);
});

// Kills: reading so many of the newest lines of the log: somebody who was away for a while misses who edited what.
test('an edit is told by the log however much has been written to it since', async () => {
  const vmid = plainRunning(lab);
  const other = lab.sim.world.find({ type: 'qemu' }).find(one => one !== vmid)!;
  lab.sim.world.setTags(vmid, ['moved'], { user: 'alice@pve' });
  lab.sim.clock.advance(60_000);
  for (let n = 0; n < 600; n++) lab.sim.world.editConfig(other, { description: `note ${n}` });
  lab.sim.clock.advance(5_000);
  lab.sim.requests.reset();
  await lab.discover();
  expect(await causes(vmid)).toMatchObject([{ user: 'alice@pve', source: 'log' }]);
  expect(lab.sim.requests.count('/cluster/log')).toBe(2);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(lab.sim.requests.count('/cluster/log')).toBe(3);
});

// Kills: "nobody has this VMID now, so it was a VM": a backup or an HA task does not say.
test('the backup of a container that was deleted before it could be read is that of a container', async () => {
  const { vmid } = lab.sim.world.createGuest({ type: 'lxc', node: 'pve1' });
  await lab.discover();
  const upid = lab.sim.world.backup(vmid, { durationMs: 20_000 });
  await lab.discover();
  lab.sim.clock.advance(30_000);
  lab.sim.world.deleteGuest(vmid);
  await lab.discover();
  expect(await lab.store.task(upid)).toMatchObject({ resourceType: 'container', status: 'ok' });
});
