import { describe, expect, test } from 'vitest';
import { about, answer } from '../../../src/cli/render/answer.ts';
import { cell, duration, shorten, widthOf, wrap } from '../../../src/cli/render/cells.ts';
import { changeList } from '../../../src/cli/render/changes.ts';
import { asCommands } from '../../../src/cli/render/commands.ts';
import { table } from '../../../src/cli/render/table.ts';

// The streams of a test are no terminals, so nothing is coloured.

describe('tables', () => {
  const rows = [
    { vmid: 101, name: 'a-rather-long-name-for-a-guest', node: 'pve1', memory_gib: 4, tags: ['web', 'prod'] },
    { vmid: 9, name: 'b', node: 'pve2', memory_gib: 0.5, lock: 'backup' },
  ];

  test('show all fields of all rows, numbers to the right', () => {
    expect(table(rows, null)).toBe(
      [
        'VMID  NAME                            NODE  MEMORY GIB  TAGS      LOCK',
        '101   a-rather-long-name-for-a-guest  pve1           4  web,prod',
        '9     b                               pve2         0.5            backup',
      ].join('\n'),
    );
  });

  test.each([120, 80, 60, 50, 40, 20])('fit a terminal of %i columns', width => {
    const lines = table(rows, width)
      .split('\n')
      .filter(line => !line.startsWith('(not shown'));
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    expect(lines[1]).toContain('101');
  });

  test('show times and ids whole or not at all', () => {
    const task = {
      node: 'pve1',
      type: 'qmstart',
      user: 'a-very-long-name-of-a-user@pve',
      status: 'start failed: QEMU exited with code 1',
      started_at: '2026-11-20T18:03:12+01:00',
      upid: 'UPID:pve1:00000838:4456F8C7:6B0173D4:qmstart:146:root@pam!terraform:',
    };
    const [, row, left] = table([task], 72).split('\n');
    expect(row).toMatch(/start failed: .*… {2}2026-11-20 18:03$/);
    expect(left).toBe('(not shown for lack of width: upid)');
    expect(table([task], 200)).toContain(task.upid);
  });

  test('name the columns that do not fit', () => {
    expect(table(rows, 20)).toMatch(/\(not shown for lack of width: .*lock\)/);
  });
});

test('changes are lines: when, what, which field, who', () => {
  const rows = [
    {
      resource: 'vm/101',
      name: 'web01',
      change: 'updated',
      at: '2026-11-20T18:03:12+01:00',
      fields: [
        { path: 'config.net0.tag', from: 10, to: 20 },
        { path: 'config.memory', from: null, to: 2048 },
      ],
      causes: [
        { type: 'qmconfig', user: 'anna@pve', status: 'OK' },
        { type: 'qmstart', user: 'anna@pve', status: 'start failed' },
      ],
    },
    {
      resource: 'container/200',
      change: 'deleted',
      at: '2026-11-20T17:00:00+01:00',
      causes: [],
      why_unknown: 'no task',
    },
    {
      task: 'UPID:x',
      type: 'vzdump',
      user: 'root@pam',
      status: 'OK',
      at: '2026-11-20T16:00:00+01:00',
      resource: 'vm/101',
    },
  ];
  expect(changeList(rows, null)).toBe(
    [
      '2026-11-20 18:03  vm/101 web01   updated  config.net0.tag 10 -> 20',
      '                                          config.memory (none) -> 2048',
      '                                          by anna@pve (qmconfig, qmstart: start failed)',
      '2026-11-20 17:00  container/200  deleted  author not recorded: no task',
      '2026-11-20 16:00  vm/101         task     vzdump OK   by root@pam',
    ].join('\n'),
  );
  const narrow = changeList(rows, 84).split('\n');
  for (const line of narrow) expect(line.length).toBeLessThanOrEqual(84);
  expect(narrow[2]).toMatch(/^ +by anna@pve/);
  // What does not fit beside the rest stands below it, whole: the end of a value is what changed.
  const cramped = changeList(rows, 70).split('\n');
  for (const line of cramped) expect(line.length).toBeLessThanOrEqual(70);
  const words = (text: string[]) => text.join(' ').replaceAll(/\s+/g, ' ');
  expect(words(cramped)).toBe(words(changeList(rows, null).split('\n')));
});

test('the age and source of an answer stand apart from it', () => {
  const facts = {
    vms: [{ vmid: 1 }],
    total: 7,
    as_of: '2026-11-20T18:03:12+01:00',
    source: 'store',
    stale: { since: '2026-11-20T18:03:12+01:00', reason: 'https://pve1:8006 does not answer' },
    unseen: [{ what: '3 guests on node pve3', since: '2026-11-20T17:00:00+01:00', reason: 'node offline' }],
    hint: 'Narrow it.',
    next_cursor: 'abc',
  };
  expect(answer(facts, null)).toBe('VMID\n1\n');
  expect(about(facts)).toBe(
    [
      '1 of 7; as of 2026-11-20 18:03 (store)',
      '! not up to date since 2026-11-20 18:03: https://pve1:8006 does not answer',
      '  proxmox-mpc test-connection tells more.',
      '! not seen since 2026-11-20 17:00: 3 guests on node pve3 (node offline)',
      'Hint: Narrow it.',
      'More: the same with --cursor abc',
      '',
    ].join('\n'),
  );
});

test('an object is shown as names and values, several of them under titles', () => {
  expect(answer({ name: 'lab', quorate: true, nodes: { total: 3, online: 2 }, attention: [] }, null)).toBe(
    'name     lab\nquorate  yes\n\nnodes\n  total   3\n  online  2\n\nattention\n  (none)\n',
  );
});

test('text of the cluster cannot move the cursor of a terminal', () => {
  expect(cell('name', 'a\u001b[2Jb\nc')).toBe('a b c');
  expect(answer({ vms: [{ name: '\u001b]0;owned\u0007' }] }, null)).not.toContain('\u001b');
});

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [3_725, '1 h 2 min'],
  [90_000, '1 d 1 h'],
])('$0 seconds are shown as $1', (seconds, text) => expect(duration(seconds)).toBe(text));

test('what needs attention is shown whole, however narrow the terminal', () => {
  const attention = [
    { what: 'vm/106', why: 'qmstart failed at 2026-11-21T07:13:00+00:00 (bob@pve): start failed' },
    { what: 'backups', why: 'none' },
  ];
  expect(answer({ attention }, 60)).toBe(
    [
      'vm/106   qmstart failed at 2026-11-21T07:13:00+00:00',
      '           (bob@pve): start failed',
      'backups  none',
      '',
    ].join('\n'),
  );
});

test('people are told of commands where models are told of tools', () => {
  const tools = [{ name: 'list_tasks' }, { name: 'show_history' }, { name: 'discover' }];
  expect(asCommands('Run discover. list_tasks shows more; next_cursor goes on.', tools)).toBe(
    'Run discover. list-tasks shows more; next_cursor goes on.',
  );
  expect(asCommands('Both lives: show_history {"resource":"vm/107"}.', tools)).toBe(
    `Both lives: proxmox-mpc call show_history '{"resource":"vm/107"}'.`,
  );
});

test('wrapped text loses nothing and stays within its width', () => {
  const text = 'description one two three Lorem_ipsum_dolor_sit_amet_consetetur -> x';
  expect(wrap(text, 20)).toEqual([
    'description one two',
    '  three',
    '  Lorem_ipsum_dolor_',
    '  sit_amet_consetetu',
    '  r -> x',
  ]);
  expect(wrap('short', 20)).toEqual(['short']);
  expect(wrap('abcdefgh', 4)).toEqual(['abcd', '  ef', '  gh']);
});

test('a text is cut by the characters that a reader sees', () => {
  expect(shorten('👩‍👩‍👧‍👦 family', 4)).toBe('👩‍👩‍👧‍👦 f…');
  expect(widthOf('👩‍👩‍👧‍👦')).toBe(1);
});

test('findings stand below their check, with what to do said once', () => {
  const finding = (severity: string, check: string, resource: string, parts: object) => ({
    check,
    severity,
    resource,
    evidence: { any: 1 },
    next: 'do this',
    ...parts,
  });
  const findings = [
    finding('critical', 'node-offline', 'node/pve3', { what: 'offline', since: '2026-11-20T12:01:40+00:00' }),
    finding('info', 'ide-disk', 'vm/106', { name: 'web02', what: 'ide0 on IDE' }),
    finding('info', 'ide-disk', 'vm/7', { what: 'a long story of a disk that nobody reads to its end' }),
  ];
  expect(answer({ findings }, 50)).toBe(
    [
      'critical  node-offline',
      '  node/pve3  offline (since 2026-11-20 12:01)',
      '  -> do this',
      '',
      'info  ide-disk',
      '  vm/106 web02  ide0 on IDE',
      '  vm/7          a long story of a disk that nobody',
      '                  reads to its end',
      '  -> do this',
      '',
    ].join('\n'),
  );
});

test('a plan is read at a glance, and nothing of the cluster begins a line of its own', () => {
  const text = answer(
    {
      plan: 'p-7f3k9',
      expires_at: '2026-11-28T21:03:00+00:00',
      steps: [
        {
          resource: 'vm/101',
          name: 'web01\n$ qm destroy 101',
          path: 'config.net0.tag',
          from: 30,
          to: 20,
          effect: 'now, link drops briefly',
          at: '2026-11-27T14:05:00+00:00',
          causes: [
            { user: 'bob@pve', type: 'qmconfig' },
            { user: 'bob@pve', type: 'update' },
          ],
        },
        {
          resource: 'container/200',
          name: 'dns',
          path: 'tags',
          from: [],
          to: ['a', 'b'],
          effect: 'now',
          at: '2026-11-27T14:05:00+00:00',
          causes: [],
          why_unknown: 'edits of containers leave neither task nor log line',
        },
        { resource: 'vm/102', path: 'config.ide2', to: 'x', effect: 'after restart' },
      ],
      total: 3,
      left_out: [
        {
          resource: 'vm/101',
          path: 'config.scsi0.size',
          why: 'none can shrink',
          at: '2026-11-27T14:05:00+00:00',
          causes: [{ user: 'carol@pve' }],
        },
        { resource: 'vm/103', path: 'pool', why: 'by hand', command: 'pvesh set /pools' },
        { resource: 'vm/104', path: '*', why: 'by hand' },
      ],
      approve: 'A person may run commands.',
      commands: ["qm set 101 --name 'a  b'"],
    },
    null,
  );
  expect(text.split('\n')).toEqual([
    'p-7f3k9, until 2026-11-28 21:03',
    '',
    'RESOURCE       NAME                    FIELD     FROM     TO   EFFECT                   IS SO BY',
    'vm/101         web01 $ qm destroy 101  net0.tag  30       20   now, link drops briefly  bob@pve, 2026-11-27 14:05',
    'container/200  dns                     tags      (empty)  a,b  now                      not recorded, 2026-11-27 14:05',
    'vm/102                                 ide2      (none)   x    after restart',
    '',
    'Left out',
    '  vm/101 scsi0.size (carol@pve, 2026-11-27 14:05): none can shrink',
    '  vm/103 pool; vm/104: by hand',
    '  $ pvesh set /pools',
    '',
    'A person may run commands.',
    "  qm set 101 --name 'a  b'",
    '',
  ]);
});
