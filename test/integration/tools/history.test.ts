import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chosenChanges } from '../../../src/answers/changes/chosen.ts';
import { netDifference } from '../../../src/answers/changes/net-difference.ts';
import { noLog } from '../../../src/log.ts';
import type { Row } from '../../../src/mcp/define/output.ts';
import { createToolRunner } from '../../../src/mcp/runner/tool-runner.ts';
import { tools } from '../../../tools/index.ts';
import { type Answer, type Change, rowsIn, type Tool } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { times } from '../../support/soak.ts';

/** Enough for three pages; for as many of the longest that there are in the soak. */
const CHANGES = times(30, 240);

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ discovered: true, guests: 22 });
  lab.sim.clock.advance(60_000);
});
afterEach(() => lab.close());

/** One step of history: something happens, a minute passes, all of it is read. */
async function step(act: () => void): Promise<void> {
  act();
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
}
const by = (changes: Change[], resource: string) => changes.filter(change => change.resource === resource);
const everyPage = async (tool: Tool, field: string, args: object): Promise<Change[]> => {
  const rows: Change[] = [];
  let page = await lab.call(tool, args);
  for (;;) {
    rows.push(...(rowsIn(page, field) as Change[]));
    if (page.next_cursor === undefined) return rows;
    page = await lab.call(tool, { cursor: page.next_cursor });
  }
};

describe('diff_state', () => {
  test('a first look finds nothing changed, storages first read later included', async () => {
    const own = await startLab({ guests: 5 });
    try {
      await own.discover({ facets: ['inventory'] });
      const answer = await own.call('diff_state');
      expect(answer).toMatchObject({
        changes: [],
        total: 0,
        history_starts_at: '2026-11-20T06:00:00+00:00',
        hint: expect.stringContaining('History starts later'),
      });
    } finally {
      await own.close();
    }
  });

  // Kills: "its first version is how its kind came into sight": others of its kind had been seen before.
  test('who comes into sight later is told, among others and by name', async () => {
    const own = await startLab({ guests: 12 });
    try {
      const { world, tokens, clock } = own.sim;
      world.setRights(tokens.full, [{ path: '/pool/prod', role: 'PVEVMUser' }]);
      await own.discover();
      const known = (await own.store.guests('vm')).rows.map(guest => guest.id);
      const hidden = world.find({ type: 'qemu' }).filter(vmid => !known.includes(vmid));
      expect([known.length, hidden.length].every(count => count > 0)).toBe(true);
      clock.advance(60_000);
      world.setRights(tokens.full, [{ path: '/', role: 'Administrator' }]);
      const { changes } = await own.call('diff_state', { from: '1d', type: 'vm', max_age_seconds: 0 });
      const told = changes.map(one => `${one.resource} ${one.change}`).sort();
      expect(told).toEqual(hidden.map(vmid => `vm/${vmid} discovered`).sort());
      const one = await own.call('diff_state', { from: '1d', resource: `vm/${hidden[0]}` });
      expect(one.changes).toMatchObject([{ change: 'discovered' }]);
    } finally {
      await own.close();
    }
  });

  test('created, deleted and updated with subfields, windows and causes', async () => {
    const { world } = lab.sim;
    let created = 0;
    const [doomed] = world.find({ type: 'lxc', status: 'stopped' });
    await step(() => {
      created = world.createGuest({ name: 'fresh', node: 'pve2' }, { user: 'root@pam!terraform' }).vmid;
      world.deleteGuest(doomed!, { user: 'bob@pve' });
      world.editProperty(101, 'net0', 'tag', '99', { user: 'alice@pve' });
    });
    const { changes, from, to } = await lab.call('diff_state', { from: '10m' });
    expect(by(changes, `vm/${created}`)).toEqual([
      expect.objectContaining({
        name: 'fresh',
        node: 'pve2',
        change: 'created',
        causes: [
          expect.objectContaining({
            type: 'qmcreate',
            user: 'root@pam!terraform',
            status: 'OK',
            source: 'task',
            upid: expect.stringMatching(/^UPID:/),
          }),
        ],
      }),
    ]);
    expect(by(changes, `container/${doomed}`)[0]).toMatchObject({
      change: 'deleted',
      causes: [{ type: 'vzdestroy', user: 'bob@pve' }],
    });
    const edited = by(changes, 'vm/101')[0]!;
    expect(edited).toMatchObject({ change: 'updated', fields: [{ path: 'config.net0.tag', to: 99 }] });
    expect(Date.parse(edited.window.after)).toBeLessThan(Date.parse(edited.window.before));
    expect(edited.window.before >= from && edited.window.before <= to).toBe(true);
    expect(changes).toHaveLength(3);
  });

  test('changed and changed back is invisible, and shows in show_history', async () => {
    const { world } = lab.sim;
    await step(() => world.setTags(101, ['new']));
    await step(() => world.setTags(101, ['critical', 'db']));
    const { total, hint } = await lab.call('diff_state');
    expect(total).toBe(0);
    expect(hint).toContain('show_history');
    const { history } = await lab.call('show_history', { resource: '101' });
    expect(history.filter(row => row.change === 'updated')).toHaveLength(2);
  });

  test('names only causes that ran in a window of the change, not whatever ran between two', async () => {
    const { world } = lab.sim;
    await step(() => world.setTags(101, ['one']));
    lab.sim.clock.advance(3_600_000);
    await step(() => void world.restart(101, { user: 'carol@ldap' }));
    lab.sim.clock.advance(3_600_000);
    await step(() => world.setTags(101, ['two']));
    const { changes } = await lab.call('diff_state', { from: '12h' });
    const change = by(changes, 'vm/101')[0]!;
    expect(change.fields.map(field => field.path)).toContain('tags');
    expect((change.causes ?? []).filter(cause => cause.type === 'qmreboot').length).toBeLessThanOrEqual(1);
  });

  test('next_from neither repeats nor loses, whatever happens between', async () => {
    const seen: string[] = [];
    let { next_from: from } = await lab.call('diff_state');
    for (let round = 0; round < 4; round++) {
      await step(() => lab.sim.world.setTags(101 + round, [`round-${round}`]));
      const answer = await lab.call('diff_state', { from });
      seen.push(...answer.changes.map(change => change.resource));
      from = answer.next_from;
      if (round === 1) await lab.restart();
    }
    expect(seen).toEqual(['vm/101', 'vm/102', 'vm/103', 'vm/104']);
    expect((await lab.call('diff_state', { from })).total).toBe(0);
    await expect(lab.call('diff_state', { from: 'seq~zzzzz' })).rejects.toThrow(/another store/);
  });

  // Kills: "no task was seen" where those of others cannot be, and "nothing changed" where nobody could look.
  test('hints claim no more than could be seen', async () => {
    lab.sim.world.setRights(lab.sim.tokens.full, [{ path: '/vms', role: 'PVEVMAdmin' }]);
    const vmid = lab.sim.world.createGuest({ type: 'qemu' }).vmid;
    await step(() => {});
    const { next_from: from } = await lab.call('diff_state');
    await step(() => lab.sim.world.start(vmid, { user: 'alice@pve' }));
    const { changes } = await lab.call('diff_state', { resource: `vm/${vmid}`, from });
    expect(changes).toMatchObject([{ causes: [], why_unknown: expect.stringContaining('own user') }]);
    lab.sim.faults.add({ match: /./, kind: 'status', status: 500 });
    lab.sim.clock.advance(3_600_000);
    const nothing = await lab.call('diff_state', { from: '5m' });
    expect(nothing).toMatchObject({
      total: 0,
      source: 'store',
      hint: expect.stringContaining('not all could be'),
    });
  });

  // Kills: "no task was seen" of all nodes while one is off.
  test('no hint says that nobody did it anywhere while a node is off', async () => {
    await step(() => lab.sim.world.nodeDown('pve3'));
    const [vmid] = lab.sim.world.find({ type: 'qemu', status: 'running', node: 'pve1', ha: false });
    await step(() => lab.sim.world.shutdownInside(vmid!));
    const off = await lab.call('diff_state', { resource: `vm/${vmid}` });
    expect(off.changes[0]!.why_unknown).toMatch(/^no task on its node did it/);
    expect(off.hint ?? '').not.toContain('no task');
  });

  // Kills: "who has the same client is the same person": the one's look would swallow what the other has not seen.
  test('last is that of each person who shares the store', async () => {
    const runnerOf = (person: string) =>
      createToolRunner({
        open: async () => ({ store: lab.store, discovery: lab.discovery }),
        ...{ tools, person, maxAgeMs: 30_000, timeZone: 'UTC', now: () => lab.sim.clock.now(), log: noLog },
      });
    const last = async (person: string) => {
      const args = { from: 'last' };
      const answer = await runnerOf(person).run('diff_state', args, { client: 'x'.repeat(200) });
      return answer.structuredContent as { total: number };
    };
    await last('1000@ann');
    await last('1000@bob');
    await step(() => lab.sim.world.setTags(101, ['x']));
    expect(await last('1000@ann')).toMatchObject({ total: 1 });
    expect(await last('1000@bob')).toMatchObject({ total: 1 });
    expect(await last('1000@bob')).toMatchObject({ total: 0 });
  });

  test('last is remembered, by client and scope, across a restart', async () => {
    const first = await lab.call('diff_state', { from: 'last' });
    expect(first.hint).toContain('first comparison');
    await step(() => lab.sim.world.setTags(101, ['x']));
    await lab.restart();
    // A narrow look must not swallow what it left out.
    expect((await lab.call('diff_state', { from: 'last', resource: '102' })).total).toBe(0);
    expect((await lab.call('diff_state', { from: 'last' })).changes).toEqual([
      expect.objectContaining({ resource: 'vm/101' }),
    ]);
    expect((await lab.call('diff_state', { from: 'last' })).total).toBe(0);
    const other = await lab.runner.run('diff_state', { from: 'last' }, { client: 'another' });
    expect(other.structuredContent).toMatchObject({
      total: 1,
      hint: expect.stringContaining('first comparison'),
    });
  });

  test('hundreds of changes in pages show one moment and the same ends', async () => {
    const big = await startLab({ discovered: true, guests: CHANGES, configMaxAgeMs: 3_600_000 });
    try {
      big.sim.clock.advance(60_000);
      for (const vmid of big.sim.world.find({})) big.sim.world.setTags(vmid, ['swept']);
      await big.discover({ deep: true });
      const first = await big.call('diff_state', { limit: times(12, 500) });
      expect(first.total).toBe(CHANGES);
      const resources = first.changes.map(change => change.resource);
      let pages = 1;
      for (let cursor = first.next_cursor; cursor !== undefined; pages++) {
        if (pages === 2) {
          big.sim.clock.advance(60_000);
          big.sim.world.setTags(101, ['moved-on']);
        }
        const result = await big.runner.run('diff_state', { cursor, max_age_seconds: pages === 2 ? 0 : 600 });
        const page = result.structuredContent as Answer<'diff_state'>;
        expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(20_000);
        expect(page).toMatchObject({
          from: first.from,
          to: first.to,
          total: CHANGES,
          next_from: first.next_from,
        });
        resources.push(...page.changes.map(change => change.resource));
        cursor = page.next_cursor;
      }
      expect(pages).toBeGreaterThan(2);
      expect(new Set(resources).size).toBe(CHANGES);
      expect(resources).toHaveLength(CHANGES);
    } finally {
      await big.close();
    }
  });

  test('filters by type and node, takes since and until, refuses an interval the wrong way round', async () => {
    await step(() => {
      lab.sim.world.setTags(101, ['t']);
      lab.sim.world.editStorage('local', { content: ['iso'] });
    });
    expect((await lab.call('diff_state', { type: 'storage' })).changes.map(one => one.resource)).toEqual([
      'storage/local',
    ]);
    expect(
      (await lab.call('diff_state', { since: '10m', until: 'now', type: 'vm' })).changes.map(
        one => one.resource,
      ),
    ).toEqual(['vm/101']);
    await expect(lab.call('diff_state', { from: 'now', to: '1h' })).rejects.toThrow(/after to/);
    await expect(lab.call('diff_state', { from: 'soonish' })).rejects.toThrow(
      /not a moment[\s\S]*yesterday 18:00/,
    );
  });

  // Kills: all pages of a month's changes read for the three machines that are gone.
  test('only what was created, changed or deleted, which leaves the last comparison of all alone', async () => {
    const { world } = lab.sim;
    await lab.call('diff_state');
    const [doomed] = world.find({ type: 'lxc', status: 'stopped' });
    const reborn = world.find({ type: 'qemu', template: false, ha: false })[0]!;
    await step(() => {
      world.deleteGuest(doomed!);
      world.reuseVmid(reborn, { name: 'again' });
      world.setTags(world.find({ type: 'qemu', template: false })[3]!, ['t']);
    });
    const told = async (args: object) =>
      (await lab.call('diff_state', { from: '10m', ...args })).changes
        .map(one => `${one.resource} ${one.change}`)
        .sort();
    expect(await told({ change: 'deleted' })).toEqual([
      `container/${doomed} deleted`,
      `vm/${reborn} deleted`,
    ]);
    expect(await told({ change: 'created' })).toEqual([`vm/${reborn} created`]);
    expect(await told({ change: 'updated' })).toHaveLength(1);
    expect((await lab.call('diff_state', { from: 'last' })).total).toBe(4);
    const comparison = { after: 0, to: 1_000, node: undefined, change: 'deleted' as const };
    const first = (await lab.store.firstCommit())!.seq;
    for (const foldedAtMost of [0, 10_000]) {
      const options = { order: 'asc' as const, foldedAtMost };
      expect((await netDifference(lab.store, { ...comparison, after: first + 5 }, options)).total).toBe(2);
    }
  });

  // Kills: "nothing changed" between tomorrow and today, and the present told as how it will be.
  test('no tool takes a start in the future', async () => {
    const tomorrow = new Date(lab.sim.clock.now() + 86_400_000).toISOString();
    const soon = new Date(lab.sim.clock.now() + 20_000).toISOString();
    for (const tool of ['diff_state', 'show_history', 'list_tasks']) {
      const ask = (args: object) => expect(lab.call(tool, args), tool);
      await ask({ from: tomorrow }).rejects.toThrow(/begins at .*and now it is[\s\S]*24h/);
      await ask({ from: 'now', to: tomorrow }).resolves.toMatchObject({ total: 0 });
      await ask({ from: soon }).resolves.toMatchObject({ total: 0 });
    }
  });

  // Kills: "nothing changed" on a node that never was.
  test('every tool says so where no node has that name', async () => {
    for (const tool of ['diff_state', 'show_history', 'list_tasks']) {
      expect((await lab.call(tool, { node: 'pve9' })).hint, tool).toContain(
        'There is no node "pve9": the nodes are "pve1", "pve2", "pve3".',
      );
      const empty = await lab.call(tool, { node: 'node/pve1', since: '1s' });
      expect(empty.hint ?? '', tool).not.toContain('There is no node');
    }
  });

  test('as it will be is as it is', async () => {
    const at = new Date(lab.sim.clock.now() + 86_400_000).toISOString();
    const { resource } = await lab.call('get_resource', { resource: 'vm/101', at });
    expect(Date.parse(resource.at)).toBeLessThanOrEqual(lab.sim.clock.now());
    const list = await lab.call('list_vms', { at: 'this week' });
    expect(Date.parse(list.at)).toBeLessThanOrEqual(lab.sim.clock.now());
  });

  test('a week and a night are stretches: as a start where they begin, as an end where they end', async () => {
    const { from, to } = await lab.call('diff_state', { from: 'last week', to: 'last night' });
    expect(new Date(from).getUTCDay()).toBe(1);
    expect(from).toContain('T00:00:00');
    expect(to).toContain('T05:59:59');
    // Whoever asks for last week alone is told that this goes on to the present.
    for (const tool of ['diff_state', 'show_history']) {
      expect((await lab.call(tool, { since: 'last week' })).hint).toContain(
        'pass "last week" as the end, too',
      );
      for (const more of [
        { since: 'last week', until: 'last week' },
        { since: 'monday' },
        { since: 'this week' },
        {},
      ])
        expect((await lab.call(tool, more)).hint ?? '').not.toContain('as the end');
    }
  });
});

// Kills: "tasks until now": a page is shifted by tasks that are read later, and our clock hides the newest ones.
describe.each(['show_history', 'list_tasks'] as const)('the tasks of %s', tool => {
  const field = tool === 'show_history' ? 'history' : 'tasks';
  const upids = (rows: Row[]) => rows.flatMap(row => row['task'] ?? row['upid'] ?? []);

  test('stand once on all pages, also those that were read meanwhile', async () => {
    const { world, clock } = lab.sim;
    const vmids = world.find({ type: 'qemu', template: false, ha: false });
    for (const some of [vmids.slice(0, 3), vmids.slice(3, 6)])
      await step(() => {
        for (const vmid of some) world.snapshot(vmid, 'first');
      });
    clock.advance(10_000);
    for (const vmid of vmids.slice(0, 3)) world.snapshot(vmid, 'second');
    clock.advance(5_000);
    const page = await lab.call(tool, { limit: 4, since: '20m' });
    clock.advance(60_000);
    const rest = await everyPage(tool, field, { cursor: page.next_cursor });
    const told = upids([...rowsIn(page, field), ...rest]);
    expect(told.length).toBe(new Set(told).size);
    expect([...rowsIn(page, field), ...rest]).toHaveLength(page.total);
  });

  test('are told to the newest while our clock is behind', async () => {
    const own = await startLab({ discovered: true, guests: 10, skew: -300_000 });
    try {
      const vmid = own.sim.world.find({ type: 'qemu', template: false, ha: false })[0]!;
      own.sim.clock.advance(60_000);
      const upid = own.sim.world.snapshot(vmid, 'new');
      own.sim.clock.advance(60_000);
      expect(upids(rowsIn(await own.call(tool), field))).toContain(upid);
      const { resource } = await own.call('get_resource', { resource: `vm/${vmid}` });
      expect(upids(resource.tasks)).toContain(upid);
    } finally {
      await own.close();
    }
  });
});

describe('show_history', () => {
  // Kills: sorting changes by our clock among tasks that the cluster dates.
  test.each([
    -3_600_000, 3_600_000,
  ])('a change stands beside the task that made it, our clock being %i ms off', async skew => {
    const own = await startLab({ discovered: true, guests: 10, skew });
    try {
      const { world, clock } = own.sim;
      const [first, second] = world.find({ type: 'qemu', status: 'stopped', template: false, ha: false });
      for (const vmid of [first!, second!]) {
        clock.advance(600_000);
        world.start(vmid, { user: 'bob@pve' });
        clock.advance(60_000);
        await own.discover();
      }
      const { history } = await own.call('show_history', { limit: 4 });
      expect(history.map(row => `${row.resource} ${row.change ?? 'task'}`)).toEqual([
        `vm/${second} updated`,
        `vm/${second} task`,
        `vm/${first} updated`,
        `vm/${first} task`,
      ]);
    } finally {
      await own.close();
    }
  });

  // Kills: "it stands elsewhere now, so nothing happened here".
  test('who leaves a node is history of that node, as of the one it comes to', async () => {
    const { world } = lab.sim;
    const vmid = world.find({
      type: 'qemu',
      status: 'running',
      node: 'pve1',
      ha: false,
      template: false,
    })[0]!;
    await step(() => void world.migrate(vmid, 'pve2'));
    for (const node of ['pve1', 'pve2']) {
      const { history } = await lab.call('show_history', { node });
      expect(by(history, `vm/${vmid}`).filter(row => row.change === 'updated')).toHaveLength(1);
    }
    const { history } = await lab.call('show_history', { node: 'pve3' });
    expect(by(history, `vm/${vmid}`)).toEqual([]);
  });

  test('changes and tasks stand between each other, newest first, each once over all pages', async () => {
    const { world } = lab.sim;
    for (let round = 0; round < 2; round++) {
      await step(() => void world.restart(101));
      await step(() => world.setTags(101, [`t${round}`]));
    }
    const rows = await everyPage('show_history', 'history', { limit: 2, since: '1h' });
    const whole = (await lab.call('show_history', { since: '1h', limit: 500 })).history;
    expect(rows).toEqual(whole);
    const times = rows.map(row => Date.parse(row.at));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(rows.filter(row => row.task).length).toBeGreaterThanOrEqual(2);
    expect(rows.filter(row => row.change === 'updated').length).toBeGreaterThanOrEqual(4);
    expect(rows.every(row => row.task === undefined || (row.resource && row.user && row.status))).toBe(true);
  });

  // Kills: "their tasks are all they did": an edit leaves no task, and its change has its user among its causes only.
  test('what one user did: their tasks, and the changes they had a hand in, on all pages', async () => {
    const { world } = lab.sim;
    const [first, second, third] = world.find({ type: 'qemu', template: false, ha: false }) as [
      number,
      number,
      number,
    ];
    const bob = { user: 'bob@pve' };
    await step(() => void world.editConfig(first, { cores: 7 }, bob));
    await step(() => void world.editConfig(second, { cores: 7 }, { user: 'alice@pve' }));
    await step(() => {
      world.setTags(third, ['by-both'], { user: 'alice@pve' });
      world.snapshot(third, 'theirs', { user: 'bob@pve!ci' });
    });
    const rows = (await lab.call('show_history', { user: 'bob@pve', since: '10m' })).history;
    expect(rows.map(row => [row.resource, row.change ?? row.type])).toEqual([
      [`vm/${third}`, 'updated'],
      [`vm/${third}`, 'qmsnapshot'],
      [`vm/${first}`, 'updated'],
    ]);
    expect(rows.every(row => (row.user ?? JSON.stringify(row.causes)).includes('bob@pve'))).toBe(true);
    for (const [user, total] of [
      ['bob', 3],
      ['BOB@pve', 0],
      ['bob@pve!ci', 2],
      ['alice', 2],
    ] as const)
      expect(await lab.call('show_history', { user, since: '10m' }), user).toMatchObject({ total });
    expect(await everyPage('show_history', 'history', { user: 'bob', since: '10m', limit: 1 })).toEqual(rows);
    const onOne = await lab.call('show_history', { user: 'bob', resource: `vm/${first}` });
    expect(onOne.total).toBe(1);
    expect(onOne.hint).toBeUndefined();
    await expect(chosenChanges({ user: 'bob' }, {}, lab.store, 2)).rejects.toThrow(
      /More than 2 changes .* those by "bob"/,
    );
    // Who asks for the tasks alone is told that there is more; who misspells a name, which there are.
    expect((await lab.call('list_tasks', { user: 'bob' })).hint).toMatch(/show_history with user/);
    for (const tool of ['show_history', 'list_tasks'])
      expect((await lab.call(tool, { user: 'bobby' })).hint).toMatch(/Users seen of late: .*bob@pve/);
  });

  test('one field: only its changes, with what moved it, net and step by step, on all pages', async () => {
    const { world } = lab.sim;
    const [first, second] = world.find({ type: 'qemu', template: false, ha: false }) as [number, number];
    await step(() => {
      world.editConfig(first, { onboot: 1 }, { user: 'bob@pve' });
      world.setTags(first, ['beside'], { user: 'alice@pve' });
    });
    await step(() => void world.editConfig(second, { onboot: 1 }, { user: 'alice@pve' }));
    await step(() => void world.snapshot(second, 'beside', { user: 'bob@pve' }));
    const wanted = [
      [`vm/${second}`, 'config.onboot', 'alice@pve'],
      [`vm/${first}`, 'config.onboot', 'bob@pve'],
    ];
    const told = (rows: Change[]) =>
      rows.map(row => [
        row.resource,
        row.fields.map(field => field.path).join(),
        row.causes.map(cause => cause.user).join(),
      ]);
    const asked = { field: 'onboot', since: '10m' };
    expect(told((await lab.call('show_history', asked)).history)).toEqual(wanted);
    expect(told((await lab.call('diff_state', asked)).changes)).toEqual(wanted);
    expect(told(await everyPage('show_history', 'history', { ...asked, limit: 1 }))).toEqual(wanted);
    expect(told(await everyPage('diff_state', 'changes', { ...asked, limit: 1 }))).toEqual(wanted);
    expect(told((await lab.call('show_history', { ...asked, user: 'bob' })).history)).toEqual([wanted[1]]);
    // Who names a field that did not change is told which did.
    for (const tool of ['show_history', 'diff_state'])
      expect(await lab.call(tool, { ...asked, field: 'onbot' })).toMatchObject({
        total: 0,
        hint: expect.stringMatching(/What changed then: onboot, .*snapshots/),
      });
    await expect(lab.call('diff_state', { from: 'declared', field: 'onboot' })).rejects.toThrow(
      /narrows what changed between two moments/,
    );
  });

  test('what was declared: each revision with who, why, and what it declared otherwise', async () => {
    const [vmid] = lab.sim.world.find({ type: 'qemu', template: false }) as [number];
    expect((await lab.call('show_history', { type: 'declaration' })).hint).toBe('Nothing was declared then.');
    await lab.call('declare_state', { tag: 'web', set: ['onboot=1'], why: 'agreed' });
    await lab.call('declare_state', { resource: `vm/${vmid}`, set: ['protection=1'] });
    await lab.call('declare_state', {
      resource: `vm/${vmid}`,
      accept: ['protection=0'],
      until: '2027-01-01',
      owner: 'alice',
    });
    await lab.call('declare_state', { remove: ['tag=web'] });
    const { history, total } = await lab.call('show_history', { type: 'declaration' });
    expect(total).toBe(4);
    expect(history.every(one => one.change === 'declared' && one.user && one.at)).toBe(true);
    expect(history.map(one => [one.revision, one.declared, one.no_longer, one.accepted, one.why])).toEqual([
      [4, undefined, ['tag=web'], undefined, undefined],
      [3, undefined, undefined, [`vm/${vmid} protection`], undefined],
      [2, [`vm/${vmid}`], undefined, undefined, undefined],
      [1, ['tag=web'], undefined, undefined, 'agreed'],
    ]);
    // Kills: "an hour ago" that a later page counts from its own time.
    const page = await lab.call('show_history', { type: 'declaration', since: '1h', limit: 2 });
    lab.sim.clock.advance(3_601_000);
    const next = await lab.call('show_history', { cursor: page.next_cursor });
    expect([page, next].map(one => [one.total, one.history.map(row => row.revision)])).toEqual([
      [4, [4, 3]],
      [4, [2, 1]],
    ]);
  });

  test('what values are taken from is past: a moment to come, or before history, is refused with one that will do', async () => {
    const later = new Date(lab.sim.clock.now() + 3_600_000).toISOString();
    const [vmid] = lab.sim.world.find({ type: 'qemu', template: false }) as [number];
    for (const [tool, args] of [
      ['declare_state', { resource: `vm/${vmid}`, like: later }],
      ['plan_changes', { resource: `vm/${vmid}`, to: later }],
    ] as [Tool, object][])
      await expect(lab.call(tool, args), tool).rejects.toThrow(/a moment that has passed/);
    for (const [tool, args] of [
      ['declare_state', { resource: `vm/${vmid}`, like: '2020-01-01' }],
      ['plan_changes', { resource: `vm/${vmid}`, to: '2020-01-01' }],
    ] as [Tool, object][])
      await expect(lab.call(tool, args), tool).rejects.toThrow(/from 2026-11-20T06:00:00\+00:00 on/);
  });

  test("tells a deleted resource's life to its first sight, and keeps first sights out of the whole", async () => {
    const [doomed] = lab.sim.world.find({ type: 'lxc', status: 'stopped' });
    await step(() => void lab.sim.world.deleteGuest(doomed!));
    const life = await lab.call('show_history', { resource: `ct/${doomed}` });
    expect(life.history.slice(0, 2)).toMatchObject([
      { change: 'deleted' },
      { task: expect.stringContaining('vzdestroy') },
    ]);
    expect(life.history.filter(row => row.change).map(row => row.change)).toEqual(['deleted', 'discovered']);
    const whole = await lab.call('show_history', { limit: 500 });
    expect(whole.history.some(row => row.change === 'discovered')).toBe(false);
    // A type brings the changes and the tasks of that type, and no others.
    const containers = (await lab.call('show_history', { type: 'container', limit: 500 })).history;
    expect(containers.some(row => row.task?.includes('vzdestroy'))).toBe(true);
    expect(containers.some(row => row.change === 'deleted')).toBe(true);
    expect(containers.every(row => row.resource.startsWith('container/'))).toBe(true);
    const vms = (await lab.call('show_history', { type: 'vm', limit: 500 })).history;
    expect(vms.every(row => row.resource.startsWith('vm/'))).toBe(true);
  });
});

describe('discover', () => {
  test('tells the run, its counts and what it found', async () => {
    lab.sim.world.setTags(101, ['seen']);
    const answer = await lab.call('discover', { deep: true });
    expect(answer).toMatchObject({
      run: { id: expect.any(Number), duration_ms: expect.any(Number), api_calls: expect.any(Number) },
      counts: { discovered: 0, created: 0, updated: 1, deleted: 0, unchanged: expect.any(Number) },
      changes: [{ resource: 'vm/101', change: 'updated', fields: [{ path: 'tags', to: ['seen'] }] }],
    });
  });

  test('hints at the rest where it found more than it shows', async () => {
    for (const vmid of lab.sim.world.find({})) lab.sim.world.setTags(vmid, ['swept']);
    const { hint, changes } = await lab.call('discover', { deep: true });
    expect(changes).toHaveLength(20);
    const [, args] = /diff_state (\{.*\})/.exec(hint) ?? [];
    expect((await lab.call('diff_state', JSON.parse(args!) as object)).total).toBe(22);
  });
});
