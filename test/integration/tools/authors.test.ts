import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';
import { plainRunning } from '../../support/story.ts';

let lab: Lab;
let from: string;
beforeEach(async () => {
  lab = await startLab({ discovered: true, guests: 16 });
  from = (await lab.call('diff_state')).next_from;
  lab.sim.clock.advance(120_000);
});
afterEach(() => lab.close());

type Row = {
  resource: string;
  fields?: { path: string }[];
  causes: { type: string; user: string; upid?: string; fields?: string[] }[];
  why_unknown?: string;
};
const changes = async (resource: string): Promise<Row[]> => {
  await lab.discover({ deep: true });
  return (await lab.call('diff_state', { from, resource })).changes;
};

// Kills: whatever ran within half a minute of the look for the author of what it saw.
test("the rename of a container is nobody's, whoever starts it then", async () => {
  const vmid = plainRunning(lab, 'lxc');
  lab.sim.world.stop(vmid, { user: 'bob@pve' });
  lab.sim.world.rename(vmid, 'renamed');
  const rows = await changes(`container/${vmid}`);
  lab.sim.clock.advance(5_000);
  lab.sim.world.start(vmid, { user: 'carol@pve' });
  const [again] = (
    await lab.call('diff_state', { from, resource: `container/${vmid}`, max_age_seconds: 3_600 })
  ).changes;
  for (const row of [...rows, again]) {
    expect(row!.fields!.map(({ path }: { path: string }) => path)).toEqual(['name', 'status']);
    expect(row!.causes).toMatchObject([{ type: 'vzstop', user: 'bob@pve', fields: ['status'] }]);
    expect(row!.why_unknown).toBe('name: edits of containers leave neither task nor log line');
  }
});

test.each<[string, (vmid: number) => void, string]>([
  [
    'a pool',
    vmid => lab.sim.world.setPool(vmid, 'fresh', { user: 'bob@pve' }),
    'leave neither task nor log line',
  ],
  ['high availability', vmid => lab.sim.world.setHa(vmid, 'started', { user: 'bob@pve' }), 'HA manager'],
  ['a shutdown from inside', vmid => lab.sim.world.shutdownInside(vmid), 'no task on its node did it'],
])('%s has no author, though somebody took a snapshot and looked at the screen', async (_, act, why) => {
  const vmid = plainRunning(lab);
  lab.sim.world.snapshot(vmid, 'meanwhile', { user: 'mallory@pve' });
  act(vmid);
  const [row] = await changes(`vm/${vmid}`);
  expect(row!.causes).toMatchObject([{ type: 'qmsnapshot', fields: ['snapshots.meanwhile'] }]);
  expect(row!.why_unknown).toContain(why);
});

test('an edit of a VM has no author where the log may not be read, and the answer says so', async () => {
  lab.sim.world.setRights(lab.sim.tokens.full, [{ path: '/', role: 'PVEAuditor' }]);
  const vmid = plainRunning(lab);
  lab.sim.world.setTags(vmid, ['moved'], { user: 'alice@pve' });
  const [row] = await changes(`vm/${vmid}`);
  expect(row).toMatchObject({ causes: [], why_unknown: expect.stringContaining('Sys.Syslog') });
});

test('whoever set what waited made the change, beside whoever restarted', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.editConfig(vmid, { memory: 3072 }, { user: 'alice@pve' });
  await lab.discover({ deep: true });
  lab.sim.clock.advance(60_000);
  lab.sim.world.restart(vmid, { user: 'bob@pve' });
  lab.sim.clock.advance(90_000);
  const [row] = await changes(`vm/${vmid}`);
  expect(row!.fields!.map(({ path }) => path)).toEqual(['config.memory', 'started_at']);
  expect(row!.causes).toMatchObject([
    { user: 'alice@pve', fields: ['config.memory'] },
    { type: 'qmreboot', user: 'bob@pve' },
  ]);
  expect(row!.why_unknown).toBeUndefined();
  const { upid } = row!.causes[1]!;
  const { task } = await lab.call('get_task', { upid, log_lines: 0 });
  expect(JSON.stringify(task.changes)).toContain('started_at');
});

// Kills: the VMID of the original, which is all that a clone's task bears, for all that is recorded of it.
test('each of several clones has its author where its log names what it makes', async () => {
  const { world } = lab.sim;
  const users = ['alice@pve', 'bob@pve', 'carol@pve'];
  const [original, template] = [
    world.find({ type: 'qemu', template: false })[0]!,
    world.find({ template: true })[0]!,
  ];
  const made = users.flatMap(user => [
    { user, vmid: world.cloneGuest(original, {}, { user, durationMs: 4_000 }).vmid },
    { user, vmid: world.cloneGuest(template, { linked: true }, { user }).vmid },
  ]);
  lab.sim.clock.advance(20_000);
  for (const { user, vmid } of made) {
    const [row] = await changes(`vm/${vmid}`);
    expect(row).toMatchObject({ change: 'created', causes: [{ type: 'qmclone', user }] });
    expect(row!.why_unknown).toBeUndefined();
  }
  // Each log once, however often the list shows the task.
  expect(lab.sim.requests.count(/clone.*\/log$/)).toBe(made.length);
});

test('a clone whose log names nothing has its author where it is the only one', async () => {
  const original = plainRunning(lab, 'lxc');
  const clone = (user: string) => lab.sim.world.cloneGuest(original, {}, { user }).vmid;
  const one = clone('alice@pve');
  expect((await changes(`container/${one}`))[0]!.causes).toMatchObject([
    { type: 'vzclone', user: 'alice@pve' },
  ]);
  lab.sim.clock.advance(60_000);
  const two = clone('alice@pve');
  clone('bob@pve');
  const [row] = await changes(`container/${two}`);
  expect(row).toMatchObject({ causes: [], why_unknown: expect.stringContaining('several clones') });
});

test('storages and nodes say why nobody is named', async () => {
  lab.sim.world.setStorageDisabled('nas', true, { user: 'bob@pve' });
  expect(await changes('storage/nas')).toMatchObject([
    { causes: [], why_unknown: expect.stringContaining('storage') },
  ]);
  const vmid = plainRunning(lab);
  const { node } = lab.sim.truth.state().guests[`vm/${vmid}`]!;
  lab.sim.world.nodeDown(node);
  await lab.discover();
  lab.sim.clock.advance(60_000);
  lab.sim.world.nodeUp(node);
  lab.sim.clock.advance(60_000);
  expect(await changes(`node/${node}`)).toMatchObject([
    { causes: [], why_unknown: expect.stringContaining('nodes') },
  ]);
  expect(await changes(`vm/${vmid}`)).toMatchObject([
    { causes: [], why_unknown: `its node was down (${node})` },
  ]);
});
