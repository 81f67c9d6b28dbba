import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLines, shellWord } from '../../../src/desired/commands.ts';
import type { Subject } from '../../../src/desired/subject.ts';
import type { JsonValue } from '../../../src/model/state.ts';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 40);

const subject: Subject = {
  resource: 'vm/101',
  type: 'vm',
  name: 'web01',
  node: 'pve1',
  pool: null,
  tags: [],
  incarnation: 1,
  template: false,
  unknown: null,
  unknownFields: {},
  own: { status: 'running' },
  config: { net0: { bridge: 'vmbr0', macaddr: 'BC:24:11:00:00:01', model: 'virtio', tag: 30 } },
  pending: {},
};

/** What a shell makes of these words, each ended by a NUL. */
function wordsOf(shell: string, line: string): string[] {
  const out = execFileSync(shell, ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return out.split('\0').slice(0, -1);
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.constantFrom(
    "'; reboot; '",
    '$(reboot)',
    '`id`',
    '--force',
    '-x',
    'a\nb; id',
    '"',
    "it's",
    '!!',
    'a b',
    '*',
    '~',
    '$HOME',
    '\\',
    'a\\',
    '#x',
    '&&id',
    '>x',
    '%s%n',
    "\\'",
  ),
);

describe('command lines', () => {
  it.each(['sh', 'bash'])('a value is one word of %s, whatever it holds', shell => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), values => {
        // No value of a cluster holds NUL, and a shell drops the lines that end an output.
        const written = values.map(one => one.toWellFormed().replaceAll('\0', '').replace(/\n+$/, '') || 'x');
        const line = written.map(shellWord).join(' ');
        expect(line).not.toMatch(/\p{Cc}/u);
        expect(wordsOf(shell, line)).toEqual(written);
      }),
      { numRuns: RUNS },
    );
  });

  it('a value never becomes an option or another command of qm', () => {
    fc.assert(
      fc.property(hostile, raw => {
        const value = raw.toWellFormed().replaceAll('\0', '').replace(/\n+$/, '') || 'x';
        const [line] = commandLines(
          subject,
          [{ resource: 'vm/101', path: 'config.description', from: null, to: value }],
          false,
        );
        // What an answer could not show to the letter is not offered at all.
        if (line === undefined) return;
        const words = wordsOf('bash', line);
        expect(words.slice(0, 3)).toEqual(['qm', 'set', '101']);
        expect(words.slice(3)).toEqual(
          value.startsWith('-') ? [`--description=${value}`] : ['--description', value],
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('a card is written whole, with its address', () => {
    const move = { resource: 'vm/101', path: 'config.net0.tag', from: 30, to: 20 };
    expect(commandLines(subject, [move], false)).toEqual([
      'qm set 101 --net0 virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20  # on pve1',
    ]);
  });

  it.each([
    [
      'several keys in one call',
      [
        ['config.memory', 8192],
        ['tags', ['a', 'b']],
        ['config.onboot', null],
      ],
      ["qm set 101 --memory 8192 --tags 'a;b' --delete onboot  # on pve1"],
    ],
    ['power', [['status', 'stopped']], ['qm shutdown 101  # on pve1']],
    ['a move', [['node', 'pve2']], ['qm migrate 101 pve2 --online  # on pve1']],
    [
      'a snapshot first',
      [
        ['snapshots', 'before'],
        ['config.memory', 1024],
      ],
      ['qm snapshot 101 before  # on pve1', 'qm set 101 --memory 1024  # on pve1'],
    ],
    ['a pool', [['pool', 'dev']], ['pvesh set /pools --poolid dev --vms 101']],
    ['high availability', [['ha', 'started']], ['ha-manager add vm:101 --state started']],
  ] as const)('for $0: $2', (_, moves, lines) => {
    const given = moves.map(([path, to]) => ({ resource: 'vm/101', path, from: null, to: to as JsonValue }));
    expect(commandLines(subject, given, false)).toEqual(lines);
  });

  it('for a container and a storage are those of pct and pvesm', () => {
    const container: Subject = { ...subject, resource: 'container/200', type: 'container' };
    expect(
      commandLines(container, [{ resource: 'container/200', path: 'name', from: 'a', to: 'b' }], true),
    ).toEqual(['pct set 200 --hostname b  # on pve1', 'pct reboot 200  # on pve1']);
    const storage: Subject = { ...subject, resource: 'storage/local', type: 'storage', node: null };
    expect(
      commandLines(
        storage,
        [
          { resource: 'storage/local', path: 'content', from: null, to: ['iso', 'backup'] },
          { resource: 'storage/local', path: 'enabled', from: true, to: false },
        ],
        false,
      ),
    ).toEqual(['pvesm set local --content iso,backup --disable 1']);
  });
});
