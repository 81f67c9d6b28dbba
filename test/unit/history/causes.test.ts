import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cause, Seen } from '../../../src/history/acts.ts';
import { causesOf } from '../../../src/history/causes.ts';
import type { FieldChange } from '../../../src/model/change.ts';
import type { LogLineEntity, TaskEntity } from '../../../src/model/entity.ts';
import type { JsonValue } from '../../../src/model/state.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { type Plain, timed } from '../../support/plain-times.ts';
import { propertyRuns } from '../../support/soak.ts';

/**
 * Rows of the listing lag; seconds are cut off, and a look is dated to half a second; the clock of a node that is off is known to
 * so much (ms).
 */
const [LAG, CUT_OFF, CLOCK_ERROR] = [12_000, 1_499, 2_000];
/** The change happened after 100,000 and not later than 200,000. */
const stopped: Seen = {
  ...{ change: 'updated', facet: 'inventory', windowAfter: 100_000, windowBefore: 200_000 },
  fields: [{ path: 'status', from: 'running', to: 'stopped' }],
};
const edited: Seen = { ...stopped, facet: 'config', fields: [{ path: 'config.memory', from: 1, to: 2 }] };

const task = (
  startTime: number,
  endTime: number | null,
  facts: Plain<Partial<TaskEntity>> = {},
): TaskEntity =>
  timed<TaskEntity>({
    ...{ upid: 'UPID:1', nodeId: 'pve1', type: 'qmstop', status: 'ok', exitStatus: 'OK' },
    ...{ resourceType: 'vm', resourceId: '101', user: 'root@pam', tokenId: null, startTime, endTime },
    logEntries: null,
    ...facts,
  });
const line = (at: number, facts: Partial<LogLineEntity> = {}): LogLineEntity => ({
  ...{
    id: '1',
    at: clusterTime(at),
    nodeId: 'pve1',
    user: 'alice@pve',
    vmid: 101,
    message: 'update VM 101: -memory 3072',
    pid: null,
  },
  ...facts,
});
const failed = { status: 'error', exitStatus: 'no space' };

// Kills: a window without its slack, one wider than it, and any slack after it.
test.each<[string, TaskEntity, boolean]>([
  ['ended as long before the window as rows lag', task(0, 100_000 - LAG - CUT_OFF), true],
  ['ended before that', task(0, 100_000 - LAG - CUT_OFF - 1), false],
  ['began as the window ended', task(200_000, 300_000), true],
  ['began after it', task(200_001, 300_000), false],
  ['ran all through it', task(0, 300_000), true],
  ['has been running since long before', task(0, null, { status: 'running' }), true],
  ['runs since after it', task(200_001, null, { status: 'running' }), false],
  ['failed', task(150_000, 150_000, failed), false],
  ['only saved the guest', task(150_000, 150_000, { type: 'vzdump' }), false],
  ['showed its screen', task(150_000, 150_000, { type: 'vncproxy' }), false],
  ['started it', task(150_000, 150_000, { type: 'qmstart' }), false],
  ['nobody has heard of', task(150_000, 150_000, { type: 'qmfrobnicate' }), false],
  ['is called like what every object has', task(150_000, 150_000, { type: 'constructor' }), false],
])('a task that %s is a cause of a stop: %s', (_, ran, is) =>
  expect(causesOf(stopped, [ran], []).causes).toHaveLength(is ? 1 : 0));

// Kills: the lag of rows granted to what was read at the guest itself.
test.each([
  [100_000 - CUT_OFF, 1],
  [100_000 - CUT_OFF - 1, 0],
  [200_000, 1],
  [200_001, 0],
])('of lines written at %i, %i is a cause of an edit', (at, count) =>
  expect(causesOf(edited, [], [line(at)]).causes).toHaveLength(count));

// Kills: a node's clock that is known to be off, and known to the millisecond.
test('a clock that is known to be off is granted its error, on either side', () => {
  const upid = 'UPID:pve2:00000001:00000001:00000000:qmstop:101:root@pam:';
  const off = (start: number, end: number) =>
    causesOf(stopped, [task(start, end, { upid })], []).causes.length;
  expect(off(200_000 + CLOCK_ERROR, 300_000)).toBe(1);
  expect(off(200_000 + CLOCK_ERROR + 1, 300_000)).toBe(0);
  expect(off(1, 100_000 - LAG - CUT_OFF - CLOCK_ERROR)).toBe(1);
  expect(off(1, 100_000 - LAG - CUT_OFF - CLOCK_ERROR - 1)).toBe(0);
});

test('at first sight the window is the moment it ends', () => {
  const window = { ...stopped, windowAfter: null };
  const early = 200_000 - LAG - CUT_OFF - 1;
  expect(causesOf(window, [task(0, early), task(0, early + 1)], []).causes).toHaveLength(1);
});

test('a cause names who it was, by which token, and how it ended', () => {
  const { causes } = causesOf(
    { ...stopped, fields: [...stopped.fields, ...edited.fields] },
    [
      task(150_000, null, { status: 'running', exitStatus: null, tokenId: 'terraform', type: 'hastop' }),
      task(150_000, 160_000),
    ],
    [line(150_000)],
  );
  const fields = ['status'];
  expect(causes).toEqual([
    { upid: 'UPID:1', type: 'qmstop', user: 'root@pam', status: 'OK', source: 'task', fields },
    { type: 'update: -memory 3072', user: 'alice@pve', source: 'log', fields: ['config.memory'] },
  ]);
});

// Kills: a task that its node's end cut short named for what that end did by itself.
test.each<[string, Plain<Partial<TaskEntity>>]>([
  ['qmsuspend', failed],
  ['qmsuspend', { status: 'unknown', exitStatus: null }],
  ['vzmigrate', failed],
  ['vzmigrate', { status: 'unknown', exitStatus: null }],
  ['vzmigrate', { status: 'running', exitStatus: null, endTime: null }],
  ['vzreboot', { status: 'running', exitStatus: null, endTime: null }],
])('a %s that did not end well stopped nobody whose node was down: %j', (type, end) => {
  const named = (outage: boolean) =>
    causesOf({ ...stopped, outage }, [task(150_000, 190_000, { type, ...end })], []).causes.length;
  expect([named(false), named(true)]).toEqual([1, 0]);
  // What ended well may have done it before that.
  expect(causesOf({ ...stopped, outage: true }, [task(150_000, 151_000)], []).causes).toHaveLength(1);
});

// Kills: a reboot that was over named for the end that a rollback after it brought about.
test.each([
  'vzreboot',
  'qmreboot',
  'vzmigrate',
])('a %s is not what left a guest off that was rolled back after it', type => {
  const first = task(190_000, 192_000, { type, upid: 'UPID:2', user: 'bob@pve' });
  const back = (from: number) => task(from, from + 2_000, { type: 'vzrollback', user: 'alice@pve' });
  const users = (...tasks: TaskEntity[]) => causesOf(stopped, tasks, []).causes.map(({ user }) => user);
  expect(users(first)).toEqual(['bob@pve']);
  expect(users(first, back(193_000))).toEqual(['alice@pve']);
  // Before it, it had left the guest off already.
  expect(users(back(180_000), first)).toEqual(['alice@pve']);
});

describe('what one look already shows', () => {
  const first: Seen = { ...stopped, windowAfter: 0, windowBefore: 100_000 };
  const act = task(95_000, 96_000);
  const again: Seen = { ...stopped };

  // Kills: a slack in which the stop that was seen is the cause of the next one as well.
  test('is no cause of what comes after', () => {
    expect(causesOf(first, [act], []).causes).toHaveLength(1);
    expect(causesOf(again, [act], [], []).causes).toHaveLength(1);
    expect(causesOf(again, [act], [], [first]).causes).toEqual([]);
  });

  // Kills: whoever did it once more for whoever did it.
  test('a stop after a stop finds it done, unless it was started between', () => {
    const second = task(150_000, 151_000, { upid: 'UPID:2', user: 'bob@pve' });
    const between = task(120_000, 121_000, { upid: 'UPID:3', type: 'qmstart' });
    const upids = (...tasks: TaskEntity[]) => causesOf(again, tasks, []).causes.map(({ upid }) => upid);
    expect(upids(act, second)).toEqual(['UPID:1']);
    expect(upids(act, between, second)).toEqual(['UPID:1', 'UPID:2']);
    expect(upids(second)).toEqual(['UPID:2']);
  });

  // Kills: seconds for all that is known of an order.
  test('of two in one second the one whose process was started first has done it', () => {
    const paused: Seen = { ...stopped, fields: [{ path: 'status', from: 'running', to: 'paused' }] };
    const by = (pid: string, ticks: string, user: string, node = 'pve1') =>
      task(150_000, 150_000, {
        ...{ type: 'qmpause', user, upid: `UPID:${node}:${pid}:${ticks}:00000096:qmpause:101:${user}:` },
      });
    const users = (...tasks: TaskEntity[]) => causesOf(paused, tasks, []).causes.map(({ user }) => user);
    const [first, second] = [by('0000000A', '00000001', 'a@pam'), by('0000000B', '00000001', 'b@pam')];
    expect(users(second, first)).toEqual(['a@pam']);
    expect(users(by('00000001', '00000002', 'c@pam'), second)).toEqual(['b@pam']);
    expect(users(first, by('0000000B', '00000001', 'd@pam', 'pve2'))).toHaveLength(2);
  });

  test('the same edit again changes nothing', () => {
    const lines = [line(150_000), line(160_000, { user: 'bob@pve' })];
    const users = (log: LogLineEntity[]) => causesOf(edited, [], log).causes.map(({ user }) => user);
    expect(users(lines)).toEqual(['alice@pve']);
    const other = line(155_000, { user: 'carol@pve', message: 'update VM 101: -memory 1' });
    expect(users([...lines, other])).toEqual(['alice@pve', 'carol@pve', 'bob@pve']);
  });

  // Kills: a migration that has not come to its end for the one that moved the guest.
  test('what ended has done it, where something else still ran', () => {
    const moved: Seen = { ...stopped, fields: [{ path: 'node', from: 'a', to: 'b' }] };
    const first = task(120_000, 150_000, { type: 'qmigrate' });
    const second = task(160_000, 300_000, { type: 'qmigrate', upid: 'UPID:2' });
    const upids = (...tasks: TaskEntity[]) => causesOf(moved, tasks, []).causes.map(({ upid }) => upid);
    expect(upids(first, second)).toEqual(['UPID:1']);
    expect(upids(second)).toEqual(['UPID:2']);
  });
});

describe('an update line', () => {
  const named = (message: string, ...fields: FieldChange[]) =>
    causesOf({ ...edited, fields }, [], [line(150_000, { message })]).causes.flatMap(
      (cause: Cause) => cause.fields ?? fields.map(({ path }) => path),
    );
  const field = (path: string, from: FieldChange['from'] = 1, to: FieldChange['to'] = 2) => ({
    path,
    from,
    to,
  });

  // Kills: a line of the guest for a cause of all its edits. Lines as PVE 9.2 wrote them.
  test.each<[string, string[]]>([
    [
      'update VM 101: -memory 3072 -net0 virtio=BC:24:11:F0:2D:C2,bridge=vmbr0',
      ['config.memory', 'config.net0.bridge'],
    ],
    [
      'update VM 101: -delete description -scsi5 local:9000000',
      ['config.description', 'config.unused0.volume', 'config.boot.order'],
    ],
    ['update VM 101: -delete tags', ['tags']],
    ['update VM 101: -name web -template 1', ['name', 'template']],
    ['update VM 101: -revert net0,memory', ['config.memory', 'config.net0.bridge']],
    ['update VM 101: -delete ide2', ['config.boot.order', 'config.unused0.volume']],
    ['update VM 101: resize --disk scsi0 --size +8M', ['config.scsi0.size']],
    ['update VM 101: -cipassword <hidden> -ciuser bob', ['config.cipassword', 'config.ciuser']],
    ['update VM 101: -cores 2', []],
  ])('%s explains just its keys', (message, wanted) => {
    const all = [
      'config.memory',
      'config.net0.bridge',
      'config.description',
      'config.scsi0.size',
      'tags',
      'name',
    ];
    const more = [
      'template',
      'config.cipassword',
      'config.ciuser',
      'config.boot.order',
      'config.unused0.volume',
    ];
    const deleted = /-delete (\w+)/.exec(message)?.[1] ?? '-';
    const got = named(
      message,
      ...[...all, ...more, 'status', 'pool', 'ha', 'node', 'lock'].map(path =>
        field(path, 1, path.endsWith(deleted) ? null : 2),
      ),
    );
    const disks = /scsi|ide/.test(message) ? ['config.boot.order', 'config.unused0.volume'] : [];
    const cards = /net0/.test(message) ? ['config.boot.order'] : [];
    expect(new Set(got)).toEqual(new Set([...wanted, ...disks, ...cards]));
  });

  // Kills: taking the end of a line of which a secret was taken out for all of it.
  test('of which a secret was taken out may have named later keys, where no other line does', () => {
    const open = line(150_000, { message: 'update VM 101: -args (secret)' });
    const of = (...lines: LogLineEntity[]) => causesOf(edited, [], lines).causes.map(({ user }) => user);
    expect(of(open)).toEqual(['alice@pve']);
    expect(of(open, line(150_000, { user: 'bob@pve' }))).toEqual(['bob@pve']);
    expect(named(open.message, field('config.agent'))).toEqual([]);
  });

  test('stands for the keys of a qmconfig task of the same user', () => {
    const config = task(149_000, 151_000, { type: 'qmconfig', user: 'alice@pve' });
    const users = (lines: LogLineEntity[], fields = edited.fields) =>
      causesOf({ ...edited, fields }, [config], lines).causes.map(({ source }) => source);
    expect(users([])).toEqual(['task']);
    expect(users([line(150_000)])).toEqual(['task', 'log']);
    expect(users([line(150_000)], [field('config.cores')])).toEqual([]);
    expect(users([line(150_000, { user: 'bob@pve' })], [field('config.cores')])).toEqual(['task']);
  });
});

describe('a snapshot', () => {
  const at = (seconds: number) => ({ path: 'snapshots.base', from: null, to: seconds * 1000 });
  const taken = (from: number, to: number, facts: Partial<TaskEntity> = {}) =>
    task(from, to, { type: 'qmsnapshot', user: 'alice@pve', ...facts });
  const by = (tasks: TaskEntity[], lines: LogLineEntity[] = []) =>
    causesOf({ ...edited, fields: [at(150)] }, tasks, lines).causes.map(({ user }) => user);

  // Kills: every snapshot task of the window for the author of each of its snapshots.
  test('was taken by the task that ran at its time', () => {
    expect(by([taken(149_000, 152_000), taken(110_000, 120_000, { user: 'bob@pve' })])).toEqual([
      'alice@pve',
    ]);
    expect(by([taken(110_000, 120_000)])).toEqual([]);
  });

  // Kills: seconds for all that is known of whose snapshot it is.
  test('was taken by the task whose line names it', () => {
    const near = taken(150_500, 152_000, { user: 'bob@pve', upid: 'UPID:2' });
    const other = line(150_500, { user: 'bob@pve', message: 'snapshot VM 101: other' });
    expect(by([taken(149_000, 150_000), near])).toHaveLength(2);
    expect(by([taken(149_000, 150_000), near], [other])).toEqual(['alice@pve']);
  });

  // Kills: whoever deleted one snapshot named for the end of each.
  test.each(['qmdelsnapshot', 'vzdelsnapshot'])('was deleted by the %s whose line names it', type => {
    const gone: Seen = { ...edited, fields: [{ path: 'snapshots.base', from: 1, to: null }] };
    const drops = [
      task(120_000, 121_000, { type, user: 'alice@pve' }),
      task(150_000, 151_000, { type, user: 'bob@pve', upid: 'UPID:2' }),
    ];
    const by = (...lines: LogLineEntity[]) => causesOf(gone, drops, lines).causes.map(({ user }) => user);
    const other = line(120_500, { message: 'delete snapshot VM 101: other' });
    expect(by(other)).toEqual(['bob@pve']);
    expect(by(other, line(150_000, { user: 'bob@pve', message: 'delete snapshot VM 101: base' }))).toEqual([
      'bob@pve',
    ]);
    expect(by()).toHaveLength(2);
  });

  // Kills: every task of one user in one second for the author of what any of them did.
  test.each([
    ['qmsnapshot', 'snapshot VM', null, 1],
    ['vzdelsnapshot', 'delete snapshot VM', 1, null],
  ] as const)('is told by the line of the %s that wrote it, however many ran at once', (type, said, from, to) => {
    const second = fc.integer({ min: 120, max: 124 });
    const one = fc.record({ second, lasts: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), fc.nat(5), (ran, nth) => {
        const upid = (n: number) => `UPID:pve1:0000010${n}:00000001:00000001:${type}:101:root@pam:`;
        const tasks = ran.map(({ second, lasts }, n) =>
          task(second * 1_000, (second + lasts) * 1_000, { type, upid: upid(n) }),
        );
        const lines = ran.map(({ second }, n) =>
          line(second * 1_000, {
            id: `${n}`,
            user: 'root@pam',
            pid: 0x100 + n,
            message: `${said} 101: s${n}`,
          }),
        );
        const mine = nth % ran.length;
        const seen: Seen = { ...edited, fields: [{ path: `snapshots.s${mine}`, from, to }] };
        expect(causesOf(seen, tasks, lines).causes.map(cause => cause.upid)).toEqual([upid(mine)]);
      }),
      { numRuns: propertyRuns(40) },
    );
  });

  // Kills: a line, which is written before it is tried, for a proof.
  test('is told by its line only where its task is not seen', () => {
    const tried = line(155_000, { user: 'bob@pve', message: 'snapshot VM 101: base' });
    expect(by([taken(149_000, 152_000)], [tried])).toEqual(['alice@pve']);
    expect(by([], [tried])).toEqual(['bob@pve']);
    expect(by([], [line(155_000, { message: 'snapshot VM 101: other' })])).toEqual([]);
    expect(by([], [line(155_000, { message: 'delete snapshot VM 101: base' })])).toEqual([]);
  });
});

// Kills: a rollback or a restore for the author of what somebody had set before it, and it left so.
test('who put everything back as it was set before set nothing', () => {
  const renewed: FieldChange = { path: 'config.vmgenid', from: 'c', to: 'd' };
  const set: FieldChange = { path: 'config.smbios1.uuid', from: 'a', to: 'b' };
  const said = fc.constantFrom('uuid=b', 'uuid=b,base64=1', 'base64=1,uuid=b', 'uuid=x', 'uuid=x y');
  const moments = fc.uniqueArray(fc.integer({ min: 11, max: 19 }), { minLength: 2, maxLength: 3 });
  fc.assert(
    fc.property(
      said,
      moments,
      fc.constantFrom('qmrollback', 'qmrestore'),
      (value, [edit, ...others], type) => {
        const tasks = others.map((at, n) => task(at * 10_000, at * 10_000, { type, upid: `UPID:${n}` }));
        const log = [line(edit! * 10_000, { message: `update VM 101: -smbios1 ${value}` })];
        const { causes } = causesOf({ ...edited, fields: [set, renewed] }, tasks, log);
        const ofUuid = causes
          .filter(({ fields }) => fields?.includes(set.path) ?? true)
          .map(cause => cause.source);
        const after = others.filter(at => at > edit!).length;
        const isExact = /uuid=b/.test(value);
        if (isExact && after < 2) expect(ofUuid).toEqual(['log']);
        else expect(ofUuid.filter(source => source === 'task')).toHaveLength(after);
        expect(causes.filter(({ source }) => source === 'task')).toHaveLength(others.length);
      },
    ),
    { numRuns: propertyRuns(60) },
  );
});

// Kills: whoever destroyed the one before named for the end of who then had its VMID, where a look came soon after.
test('what ended before a life was seen to begin did not end it', () => {
  const at = (n: number, type: string, second: number) =>
    task(second * 1_000, second * 1_000, {
      ...{ type, user: `${type}@pve` },
      upid: `UPID:pve1:0000010${n}:0000000${n}:00000001:${type}:101:${type}@pve:`,
    });
  const gone: Seen = { ...stopped, change: 'deleted', fields: [] };
  const born = (windowBefore: number, change: Seen['change'] = 'created'): Seen => ({
    ...{ change, facet: 'inventory', fields: [], windowAfter: 50_000, windowBefore },
  });
  const users = (tasks: TaskEntity[], earlier: Seen[]) =>
    causesOf(gone, tasks, [], earlier).causes.map(({ type }) => type);
  fc.assert(
    fc.property(fc.integer({ min: 88, max: 100 }), fc.nat(2), fc.boolean(), (second, later, isSeen) => {
      const last = at(3, 'vzdestroy', 150);
      const former = [at(1, 'qmdestroy', second), at(2, 'qmcreate', Math.min(100, second + later))];
      const life = born(100_400, isSeen ? 'created' : 'discovered');
      expect(users([...former, last], [life])).toEqual(['vzdestroy']);
      expect(users(former, [life])).toEqual([]);
    }),
    { numRuns: propertyRuns(40) },
  );
  // A row that lags behind shows one that has just gone.
  expect(users([at(1, 'qmdestroy', 95)], [born(60_000)])).toEqual(['qmdestroy']);
  expect(users([at(1, 'qmdestroy', 95)], [])).toEqual(['qmdestroy']);
});

// Kills: a rollback, which may have moved any key, for the author of one that somebody set after it.
test('who names a key has the last word on what a rollback may have moved', () => {
  const rollback = task(120_000, 121_000, { type: 'qmrollback' });
  const users = (...lines: LogLineEntity[]) =>
    causesOf(edited, [rollback], lines).causes.map(({ user }) => user);
  expect(users()).toEqual(['root@pam']);
  expect(users(line(150_000))).toEqual(['alice@pve']);
  expect(users(line(110_000))).toEqual(['alice@pve', 'root@pam']);
});

describe('what waited for a restart', () => {
  const applied = [
    { path: 'config.memory', from: 2048, to: 4096 },
    { path: 'pending.memory', from: 4096, to: null },
  ];
  const by = (fields: FieldChange[], type: string) =>
    causesOf({ ...edited, fields }, [task(150_000, 151_000, { type })], []).unexplained;

  // Kills: a start that edits, and a revert by whoever started meanwhile.
  test('takes effect by a start or a stop; nothing else is edited by one', () => {
    for (const type of ['qmstart', 'vzstart', 'qmstop', 'qmshutdown', 'qmreboot', 'vzreboot', 'vzmigrate'])
      expect(by(applied, type)).toEqual([]);
    // In a container it goes on waiting.
    for (const type of ['vzstop', 'vzshutdown'])
      expect(by(applied, type)).toEqual(['config.memory', 'pending.memory']);
    expect(by(applied, 'qmsnapshot')).toEqual(['config.memory', 'pending.memory']);
    expect(by(applied.slice(0, 1), 'qmstart')).toEqual(['config.memory']);
    expect(by(applied.slice(1), 'qmstart')).toEqual(['pending.memory']);
    expect(by([...applied, { path: 'name', from: 'a', to: 'b' }], 'vzstart')).toEqual(['name']);
  });
});

// Kills: what the HA manager did taken for done already by the mere request, and a request for what had been done before it.
test.each<[string[], string[]]>([
  [
    ['hastop', 'qmstop'],
    ['hastop', 'qmstop'],
  ],
  [
    ['hastop', 'hastop', 'qmstop'],
    ['hastop', 'qmstop'],
  ],
  [['qmstop', 'hastop'], ['qmstop']],
  [['qmstop', 'hastop', 'qmstop'], ['qmstop']],
  [['qmstop', 'qmstop'], ['qmstop']],
  // The guest was off by itself, or who asked was not heard.
  [['hastop'], []],
])('of %j in turn %j stopped a guest and put into effect what waited', (types, wanted) => {
  const tasks = types.map((type, n) => {
    const at = 120_000 + n * 10_000;
    return task(at, at + 2_000, { type, upid: `UPID:${n}` });
  });
  const applied = [
    { path: 'config.memory', from: 2048, to: 4096 },
    { path: 'pending.memory', from: 4096, to: null },
  ];
  for (const seen of [stopped, { ...edited, fields: applied }])
    expect(causesOf(seen, tasks, []).causes.map(({ type }) => type)).toEqual(wanted);
});

// Kills: a pause taken for done already by the start before it, and an act that was undone by neither end of the change.
test.each<[string, string, string[], string[]]>([
  ['stopped', 'paused', ['qmstart', 'qmpause'], ['qmstart', 'qmpause']],
  ['stopped', 'paused', ['qmstart', 'qmpause', 'qmpause'], ['qmstart', 'qmpause']],
  ['stopped', 'paused', ['qmstart', 'qmpause', 'qmresume', 'qmpause'], ['qmstart', 'qmpause', 'qmpause']],
  ['running', 'paused', ['qmpause', 'qmresume', 'qmpause'], ['qmpause', 'qmpause']],
  ['paused', 'running', ['qmresume', 'qmstop', 'qmstart'], ['qmresume', 'qmstart']],
  ['paused', 'running', ['qmresume', 'qmresume'], ['qmresume']],
  ['stopped', 'running', ['qmstart', 'qmstart'], ['qmstart']],
])('from %s to %s by %j in turn: %j', (from, to, types, wanted) => {
  const tasks = types.map((type, n) => {
    const at = 120_000 + n * 10_000;
    return task(at, at + 2_000, { type, upid: `UPID:${n}` });
  });
  const seen: Seen = { ...stopped, fields: [{ path: 'status', from, to }] };
  expect(causesOf(seen, tasks, []).causes.map(({ type }) => type)).toEqual(wanted);
});

// Kills: whoever edits a key later named for what a restart had put into effect before.
describe('what waited and waits no longer', () => {
  const waits = { path: 'pending.cores', from: 6, to: null };
  const runs = { path: 'config.cores', from: 3, to: 6 };
  const seen = (fields: FieldChange[], windowAfter: number, windowBefore: number): Seen => ({
    ...{ change: 'updated', facet: 'config', fields, windowAfter, windowBefore },
  });
  const down = task(120_000, 121_000, { type: 'qmshutdown', user: 'ann@pam' });
  const edit = line(150_000, { message: 'update VM 101: -cores 5', user: 'bob@pam' });
  const named = (what: Seen, acts: TaskEntity[], earlier: Seen[] = []) =>
    causesOf(what, acts, [edit], earlier).causes.map(
      ({ user, fields }) => `${user} ${fields?.join() ?? 'all'}`,
    );

  test('took effect by whatever was first to do so', () => {
    const both = seen([{ ...runs, to: 5 }, waits], 100_000, 200_000);
    expect(named(both, [down])).toEqual(['ann@pam pending.cores', 'bob@pam config.cores']);
    expect(
      named(both, [{ ...down, startTime: clusterTime(160_000), endTime: clusterTime(161_000) }]),
    ).toEqual(['bob@pam all', 'ann@pam all']);
    expect(named(seen([waits], 100_000, 200_000), [])).toEqual(['bob@pam all']);
  });

  test('took effect once: a further start or stop found nothing waiting, unless somebody had edited it anew', () => {
    const both = seen([runs, waits], 100_000, 200_000);
    const up = task(130_000, 131_000, { upid: 'UPID:2', type: 'qmstart', user: 'eve@pam' });
    const users = (...log: LogLineEntity[]) => causesOf(both, [down, up], log).causes.map(({ user }) => user);
    expect(users()).toEqual(['ann@pam']);
    // Of a guest that is off an edit takes effect at once, and what was set is not set again.
    const again = line(125_000, { message: 'update VM 101: -cores 6', user: 'bob@pam' });
    expect(users(again)).toEqual(['ann@pam']);
    const restarts = [down, up].map(one => ({ ...one, type: 'qmreboot' }));
    const anew = seen([{ ...runs, to: 5 }, waits], 100_000, 200_000);
    const other = { ...again, message: 'update VM 101: -cores 5' };
    const { causes } = causesOf(anew, restarts, [other]);
    expect(causes.map(({ user }) => user)).toContain('eve@pam');
  });

  // Kills: who sets once more what a restart has put into effect; who starts what a rollback had left off and somebody edited.
  test.each([
    ['qmreboot', 120_000, '-cores 6', 6, ['ann@pam']],
    ['qmrollback', 120_000, '-cores 5', 5, ['ann@pam pending.cores', 'bob@pam config.cores']],
    ['qmshutdown', 120_000, '-cores 5', 5, ['ann@pam pending.cores', 'bob@pam config.cores']],
    ['qmstop', 160_000, '-cores 5', 5, ['bob@pam all', 'ann@pam all']],
  ])('after a %s at %i an edit %s of what then is %i is of %j', (type, at, text, to, users) => {
    const before = task(at, at + 1_000, { type, user: 'ann@pam' });
    const up = task(180_000, 181_000, { upid: 'UPID:2', type: 'qmstart', user: 'eve@pam' });
    const set = line(150_000, { message: `update VM 101: ${text}`, user: 'bob@pam' });
    const tasks = type === 'qmreboot' ? [before] : [before, up];
    const { causes } = causesOf(seen([{ ...runs, to }, waits], 100_000, 200_000), tasks, [set]);
    expect(
      causes.map(({ user, fields }) => `${user}${users.length > 1 ? ` ${fields?.join() ?? 'all'}` : ''}`),
    ).toEqual(users);
  });

  test('took effect beside what the same look found to have changed in another window', () => {
    const beside = seen([{ ...runs, to: 5 }], 110_000, 200_000);
    const users = (...others: Seen[]) =>
      causesOf(seen([waits], 100_000, 200_000), [down], [edit], [], [], [], others).causes.map(
        ({ user }) => user,
      );
    expect(users(beside)).toEqual(['ann@pam']);
    expect(users()).toEqual(['bob@pam']);
  });

  test('took effect before an earlier look that could not tell what waits, but saw it run', () => {
    const shown = seen([runs], 100_000, 130_000);
    expect(named(seen([waits], 100_000, 200_000), [down], [shown])).toEqual(['ann@pam all']);
    expect(named(seen([waits], 100_000, 200_000), [], [shown])).toEqual([]);
    const other = seen([{ ...runs, to: 4 }], 100_000, 130_000);
    expect(named(seen([waits], 100_000, 200_000), [], [other])).toEqual(['bob@pam all']);
    expect(named(seen([waits], 140_000, 200_000), [], [shown])).toEqual(['bob@pam all']);
  });
});

// Kills: a restart named for a guest that was off, or for one that died once it ran again.
describe('what sets going only what ran', () => {
  const goes: Seen = {
    ...stopped,
    fields: [
      { path: 'status', from: 'stopped', to: 'running' },
      { path: 'started_at', from: null, to: 1 },
    ],
  };
  const start = task(130_000, 131_000, { upid: 'UPID:0', type: 'vzstart' });
  const users = (seen: Seen, ...acts: TaskEntity[]) =>
    causesOf(seen, acts, []).causes.map(({ type, fields }) => `${type} ${fields?.join() ?? 'all'}`);

  test.each([
    'qmreboot',
    'vzreboot',
    'vzmigrate',
  ])('a %s is named for a start only where its guest may have run before', type => {
    const after = task(140_000, 141_000, { type });
    const before = task(120_000, 121_000, { type });
    expect(users(goes, before, start)).toEqual(['vzstart all']);
    expect(users(goes, before)).toEqual([]);
    expect(users(goes, start, after)).toEqual(['vzstart all', `${type} started_at`]);
    expect(users(goes, { ...before, startTime: clusterTime(99_000) })).toEqual([`${type} all`]);
    // It may have begun before that, or have found it off.
    expect(users(goes, { ...before, startTime: clusterTime(99_500) }, start)).toEqual(['vzstart all']);
    expect(users(stopped, after)).toEqual([]);
    expect(users(stopped, { ...after, endTime: clusterTime(190_000) })).toEqual([`${type} all`]);
    expect(users(stopped, { ...after, endTime: null, status: 'running' })).toEqual([`${type} all`]);
  });

  // Kills: a move of what was off meanwhile, or a start that a later one undid, for the start that was seen.
  test.each(['vzreboot', 'vzmigrate'])('a start is that of who was at it then: not of a %s before', type => {
    const before = task(120_000, 121_000, { upid: 'UPID:2', type });
    const again: Seen = { ...goes, fields: [{ path: 'started_at', from: 50_000, to: 160_500 }] };
    const last = { ...start, startTime: clusterTime(160_000), endTime: clusterTime(161_000) };
    expect(users(again, before, last)).toEqual(['vzstart all']);
    // Where it is known to some seconds only, who ended just before may be meant.
    const near = { ...again, fields: [{ path: 'started_at', from: 50_000, to: 124_000 }] };
    expect(users(near, before)).toEqual([`${type} all`]);
    const off: Seen = {
      ...again,
      fields: [...again.fields, { path: 'status', from: 'stopped', to: 'running' }],
    };
    expect(users(off, before, last)).not.toContain(`${type} started_at`);
  });
});

test('who deleted a key is named for what waited of it and is gone', () => {
  const waited: Seen = { ...edited, fields: [{ path: 'pending.memory', from: '4096', to: null }] };
  const log = [line(120_000, { message: 'update VM 101: -delete memory' })];
  expect(causesOf(waited, [], log).causes.map(({ user }) => user)).toEqual(['alice@pve']);
});

// Kills: a deletion of what was not there for the author of what was set after it, and the other way round.
test.each([
  ['config.description', 'description', null, 'x14', 'set'],
  ['config.description', 'description', 'x1', 'x14', 'set'],
  ['config.description', 'description', 'x1', null, 'delete'],
  ['config.net1', 'net1', 'x1', null, 'delete'],
  ['name', 'name', 'old', 'x14', 'set'],
  ['pending.memory', 'memory', null, '(deleted)', 'delete'],
])('who last set %s or took it away is named (%s: %j -> %j)', (path, key, from, to, last) => {
  const deleted = `update VM 101: -delete ${key}`;
  const set = `update VM 101: -${key} x14`;
  const seen: Seen = { ...edited, fields: [{ path, from, to }] };
  const [first, second] = last === 'set' ? [deleted, set] : [set, deleted];
  const log = [
    line(120_000, { message: first }),
    line(130_000, { id: '2', user: 'bob@pve', message: second }),
  ];
  expect(causesOf(seen, [], log).causes.map(({ user }) => user)).toEqual(['bob@pve']);
});

// Kills: whoever deleted a key that was not there for the hand that set it and left no line.
test.each([
  ['tags', [], ['h59'], []],
  ['name', 'old', 'new', null],
  ['template', false, true, false],
  ['config.description', null, 'text', null],
  ['config.net1.tag', null, 20, null],
  ['pending.cores', null, 4, '(deleted)'],
])('who deleted %s did not set it (%j -> %j), but made it nothing', (path, from, to, nothing) => {
  const key = path.split('.').at(path.includes('.') ? 1 : 0);
  const log = [line(120_000, { message: `update VM 101: -delete ${key}` })];
  const by = (was: JsonValue, is: JsonValue) => {
    const { causes } = causesOf({ ...edited, fields: [{ path, from: was, to: is }] }, [], log);
    return causes.map(({ user }) => user);
  };
  expect(by(from, to)).toEqual([]);
  expect(by(to, nothing)).toEqual(['alice@pve']);
});

// Kills: every edit of a guest that is off named for what the first of them put into effect.
test('what waited takes effect with the first edit of a guest that is off', () => {
  const applied = [
    { path: 'config.cores', from: 2, to: 1 },
    { path: 'pending.cores', from: 1, to: null },
  ];
  const log = ['-memory 1024', '-tags x85', '-name web'].map((text, n) =>
    line(120_000 + n * 5_000, { id: `${n}`, user: `u${n}@pve`, message: `update VM 101: ${text}` }),
  );
  const users = (...fields: FieldChange[]) =>
    causesOf({ ...edited, fields: [...applied, ...fields] }, [], log).causes.map(({ user }) => user);
  expect(users()).toEqual(['u0@pve']);
  // Which of them found it off, where it died meanwhile, nobody knows.
  expect(users(...stopped.fields)).toEqual(['u0@pve', 'u1@pve', 'u2@pve']);
});

describe('of several acts that could have done it, only what did is named', () => {
  const types = (seen: Seen, tasks: TaskEntity[], log: LogLineEntity[] = []) =>
    causesOf(seen, tasks, log).causes.map(cause => cause.type);
  const created: Seen = { ...stopped, change: 'created', fields: [] };
  const deleted: Seen = { ...stopped, change: 'deleted', fields: [] };
  const made = task(120_000, 121_000, { upid: 'UPID:2', type: 'qmcreate' });
  const restored = task(130_000, 131_000, { upid: 'UPID:3', type: 'qmrestore' });
  const destroyed = task(125_000, 126_000, { upid: 'UPID:4', type: 'qmdestroy' });

  test('a restore over what was just made neither made it nor ended the life before', () => {
    expect(types(created, [made, restored])).toEqual(['qmcreate']);
    expect(types(deleted, [made, restored])).toEqual([]);
  });

  // Kills: a restore that found the guest it brings back, or a free VMID, for the end or the beginning of a life.
  test('a restore ends a life by bringing another one, and begins one that nothing had brought before', () => {
    const within = (what: Seen, tasks: TaskEntity[], ...beside: Seen[]) =>
      causesOf(what, tasks, [], [], [], [], beside).causes.map(({ upid }) => upid);
    const again = {
      ...restored,
      upid: 'UPID:5',
      startTime: clusterTime(140_000),
      endTime: clusterTime(141_000),
    };
    const late = { ...made, startTime: clusterTime(150_000), endTime: clusterTime(151_000) };
    expect(within(deleted, [restored], created)).toEqual(['UPID:3']);
    expect(within(deleted, [restored], { ...created, change: 'discovered' })).toEqual(['UPID:3']);
    expect(within(deleted, [restored])).toEqual([]);
    expect(within(deleted, [restored, again], created)).toEqual(['UPID:3']);
    // The VMID was free after it: somebody else had ended that life, whichever it was.
    expect(within(deleted, [restored, late], created)).toEqual([]);
    expect(within(created, [restored, late], deleted)).toEqual(['UPID:2']);
    expect(within(created, [restored, again], deleted)).toEqual(['UPID:3']);
    expect(within(created, [destroyed, restored, again], deleted)).toEqual(['UPID:3']);
    // One that failed half way leaves nothing.
    const broken = { ...restored, ...failed };
    expect(within(deleted, [broken])).toEqual(['UPID:3']);
    expect(within(deleted, [broken, late], created)).toEqual(['UPID:3']);
  });

  test('after another end it did, and the first end is that of the life that was known', () => {
    expect(types(created, [made, destroyed, restored])).toEqual(['qmrestore']);
    expect(
      types(created, [
        { ...restored, startTime: clusterTime(110_000), endTime: clusterTime(111_000) },
        destroyed,
        { ...made, startTime: clusterTime(126_000), endTime: clusterTime(126_000) },
      ]),
    ).toEqual(['qmcreate']);
    expect(types(deleted, [task(110_000, 111_000, { type: 'qmdestroy' }), made, destroyed])).toHaveLength(1);
    const sameSecond = [
      task(125_000, 125_000, { type: 'qmdestroy' }),
      { ...made, startTime: clusterTime(125_000), endTime: clusterTime(125_000) },
    ];
    expect(types(deleted, sameSecond)).toEqual(['qmdestroy']);
    expect(types(created, sameSecond)).toEqual(['qmcreate']);
  });

  test('what made a guest is no cause of an edit after that was seen', () => {
    const maker = task(100_000, 100_000, { type: 'qmcreate' });
    const born: Seen = {
      ...stopped,
      change: 'created',
      fields: [],
      windowAfter: 90_000,
      windowBefore: 100_500,
    };
    const tagged: Seen = { ...edited, windowAfter: 100_500, fields: [{ path: 'tags', from: [], to: ['a'] }] };
    expect(causesOf(tagged, [maker], [], [born]).causes).toEqual([]);
    // One that still ran had written nothing yet, or all of it.
    const still = { ...maker, endTime: clusterTime(130_000) };
    expect(causesOf(tagged, [still], [], [born]).causes).toEqual([]);
    for (const essential of ['config.smbios1', 'config.rootfs.volume']) {
      const filled = { ...tagged, fields: [...tagged.fields, { path: essential, from: null, to: 'x' }] };
      expect(causesOf(filled, [still], [], [born]).causes).toHaveLength(1);
      expect(causesOf(filled, [maker], [], [born]).causes).toEqual([]);
    }
  });

  test('a guest becomes a template once', () => {
    const templates: Seen = { ...edited, fields: [{ path: 'template', from: false, to: true }] };
    const first = task(120_000, 121_000, { type: 'qmtemplate' });
    const second = task(120_000, 125_000, { upid: 'UPID:2', type: 'qmtemplate', user: 'eve@pve' });
    expect(causesOf(templates, [second, first], []).causes.map(({ user }) => user)).toEqual(['root@pam']);
  });

  test('a volume that became a base is the doing of whoever made a template, and of no move', () => {
    const volume = (from: string, to: string): Seen => ({
      ...edited,
      fields: [{ path: 'config.scsi0.volume', from, to }],
    });
    const moved = task(120_000, 121_000, { type: 'qmigrate' });
    const made = task(120_000, 121_000, { upid: 'UPID:2', type: 'qmtemplate' });
    expect(types(volume('zfs:vm-101-disk-0', 'zfs:base-101-disk-0'), [moved, made])).toEqual(['qmtemplate']);
    expect(types(volume('nfs:101/vm-101-disk-0.raw', 'nfs:101/base-101-disk-0.raw'), [moved])).toEqual([]);
    expect(types(volume('zfs:subvol-101-disk-0', 'zfs:base-101-disk-0'), [moved])).toEqual([]);
    expect(types(volume('zfs:vm-101-disk-0', 'lvm:base-101-disk-0'), [moved, made])).toHaveLength(2);
  });

  test('what failed is named only where nothing that ended well did the same', () => {
    const applied: Seen = {
      ...edited,
      fields: [
        { path: 'config.memory', from: 4096, to: 512 },
        { path: 'pending.memory', from: 512, to: null },
      ],
    };
    const rebooted = task(120_000, 121_000, { type: 'qmreboot' });
    const rollback = task(120_000, 121_000, { upid: 'UPID:2', type: 'qmrollback', ...failed });
    expect(types(applied, [rebooted, rollback])).toEqual(['qmreboot']);
    expect(types(edited, [rollback])).toEqual(['qmrollback']);
  });

  test('an edit that was over when it was seen goes before a restore that still ran', () => {
    const renamed: Seen = { ...edited, fields: [{ path: 'name', from: 'app01', to: 'name-5' }] };
    const restoring = task(120_000, 900_000, { type: 'qmrestore' });
    const edit = line(150_000, { message: 'update VM 101: -name name-5' });
    expect(types(renamed, [restoring], [edit])).toEqual(['update: -name name-5']);
    expect(types(renamed, [restoring])).toEqual(['qmrestore']);
  });

  test('the line that announces a rollback says nothing of a stop', () => {
    const announced = line(150_000, { message: 'rollback snapshot LXC 101: before' });
    expect(types(stopped, [], [announced])).toEqual([]);
    expect(types(edited, [], [announced])).toHaveLength(1);
  });
});

// Kills: everybody who edited a field in the window named, though the lines tell who set it to what was then seen.
describe('of several who edited one field in one window', () => {
  const by = (user: string, at: number, text: string) =>
    line(at, { user, message: `update VM 101: ${text}` });
  const seen = (path: string, from: FieldChange['from'], to: FieldChange['to']): Seen => ({
    ...edited,
    fields: [{ path, from, to }],
  });
  const users = (what: Seen, ...lines: LogLineEntity[]) =>
    causesOf(what, [], lines).causes.map(cause => cause.user);
  const memory = (to: number | null) => seen('config.memory', 1024, to);

  test.each<[string, Seen, LogLineEntity[], string[]]>([
    ['the later', memory(4096), [by('a', 150_000, '-memory 2048'), by('b', 160_000, '-memory 4096')], ['b']],
    [
      'the earlier',
      memory(2048),
      [by('a', 150_000, '-memory 2048'), by('b', 160_000, '-memory 4096')],
      ['a'],
    ],
    [
      'who set it again',
      memory(2048),
      [by('a', 150_000, '-memory 2048'), by('b', 160_000, '-memory 4096'), by('c', 170_000, '-memory 2048')],
      ['c'],
    ],
    [
      'whoever set it, beside another key',
      seen('pending.cores', null, 3),
      [by('a', 150_000, '-cores 3 -memory 2048'), by('b', 160_000, '-cores 2')],
      ['a'],
    ],
    [
      'a name',
      seen('name', 'x', 'web-2'),
      [by('a', 150_000, '-name web-1'), by('b', 160_000, '-name web-2')],
      ['b'],
    ],
    [
      'both, where the value has another form',
      seen('config.onboot', 0, 1),
      [by('a', 150_000, '-onboot yes'), by('b', 160_000, '-onboot on')],
      ['a', 'b'],
    ],
    [
      'both, where a text may hold anything',
      seen('config.description', 'x', 'y'),
      [by('a', 150_000, '-description some words'), by('b', 160_000, '-description other words')],
      ['a', 'b'],
    ],
    [
      'both, where one line tells no value',
      memory(4096),
      [by('a', 150_000, '-memory current=4096,x'), by('b', 160_000, '-memory 4096')],
      ['a', 'b'],
    ],
    [
      'who took it away',
      memory(null),
      [by('a', 150_000, '-memory 2048'), by('b', 160_000, '-delete memory')],
      ['b'],
    ],
  ])('$0 is named: $3', (_, what, lines, named) => expect(users(what, ...lines).sort()).toEqual(named));
});

// Kills: tasks of one second taken to have no order, though those of one node have.
test('of a restore, a destruction and a creation within one second the creation is named', () => {
  const created: Seen = { ...stopped, change: 'created', fields: [] };
  const acts = ['qmrestore', 'qmdestroy', 'qmcreate'].map((type, n) =>
    task(150_000, 150_000, { type, upid: `UPID:pve1:0000080${n}:00000001:00000096:${type}:101:root@pam:` }),
  );
  for (const tasks of [acts, acts.toReversed()])
    expect(causesOf(created, tasks, []).causes.map(cause => cause.type)).toEqual(['qmcreate']);
});

// Kills: a reboot taken for what a hibernated guest was started by.
test('a guest that was suspended to disk was woken by its start alone', () => {
  const woken: Seen = {
    ...stopped,
    fields: [
      { path: 'lock', from: 'suspended', to: null },
      { path: 'started_at', from: 1, to: 150_000 },
      { path: 'status', from: 'stopped', to: 'running' },
    ],
  };
  const acts = ['qmstart', 'qmreboot'].map((type, n) =>
    task(150_000, 155_000 * n || 150_000, {
      type,
      upid: `UPID:pve1:0000080${n}:00000001:00000096:${type}:101:root@pam:`,
    }),
  );
  const named = causesOf(woken, acts, []).causes.map(({ type, fields }) => [
    type,
    fields?.includes('lock') ?? true,
  ]);
  expect(named).toContainEqual(['qmstart', true]);
  expect(named).not.toContainEqual(['qmreboot', true]);
});
