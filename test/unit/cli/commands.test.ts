import { describe, expect, test } from 'vitest';
import { checkRights } from '../../../src/cli/connection-rights.ts';
import { kebab } from '../../../src/cli/flags.ts';
import { tools } from '../../../tools/index.ts';
import { runOn } from '../../support/cli-host.ts';

describe('serve is what runs without a command', () => {
  test.each([
    [[], {}],
    [['serve'], {}],
    [['--poll', '30'], { poll: 30 }],
    [['serve', '--poll', '30'], { poll: 30 }],
    [['--url', 'list-vms', '--demo-unless-configured'], { demoUnlessConfigured: true }],
  ])('$0 serves with $1', async (argv, options) => {
    const { code, asked, note } = await runOn(argv);
    expect(code, note).toBe(0);
    expect(asked[0]![0]).toBe('serve');
    expect(asked[0]![2]).toEqual({ poll: undefined, demoUnlessConfigured: false, ...options });
  });

  test('flags of the program stand before or after a command', async () => {
    for (const argv of [
      ['--demo', '--max-age', '5', 'watch'],
      ['watch', '--demo', '--max-age', '5', '--every', '60'],
    ]) {
      const { asked } = await runOn(argv);
      expect(asked[0]).toEqual([
        'watch',
        expect.objectContaining({ demo: true, 'max-age': '5' }),
        { every: 60 },
      ]);
    }
  });
});

describe('tools are commands', () => {
  test('every tool has one, with every argument as a flag', async () => {
    for (const tool of tools) {
      const { code, out } = await runOn([kebab(tool.name), '--help']);
      expect(code).toBe(0);
      for (const name of Object.keys(tool.input)) expect(out, tool.name).toContain(`--${kebab(name)}`);
      expect(out).toContain(`Example:\n  proxmox-mpc ${kebab(tool.name)}`);
    }
  });

  test('the list of commands says what each answers, in a sentence', async () => {
    const { out } = await runOn(['--help']);
    const list = out.replace(/\s+/g, ' ');
    expect(list).toContain('One task: who started it, how it ended,');
    expect(list).toContain('Lists LXC containers with node, status, size and tags. ');
    const { out: task } = await runOn(['get-task', '--help']);
    expect(task).toContain('One task: who started it');
  });

  test('an argument of many words has them in its help, not in its flag', async () => {
    const { out } = await runOn(['get-resource', '--help']);
    const help = out.replace(/\s+/g, ' ');
    expect(help).toContain('--include <word> Only these; usage has backups. (choices: "config", "usage",');
    expect(help).toContain('--detail <concise|full>');
  });

  test('the example of every tool is a command line that is accepted', async () => {
    for (const tool of tools) {
      const args = Object.entries(tool.example).flatMap(([name, value]) => [
        `--${kebab(name)}`,
        String(value),
      ]);
      const { code, note, asked } = await runOn([kebab(tool.name), ...args]);
      expect(code, note).toBe(0);
      expect(asked[1]![0]).toBe(tool.name);
    }
  });

  test.each([
    [['list-vms', '--status', 'running', '--limit', '5'], 'list_vms', { status: 'running', limit: '5' }],
    [['list-vms', '--template'], 'list_vms', { template: true }],
    [['list-vms', '--template', 'false'], 'list_vms', { template: 'false' }],
    [['show-history', 'vm/101', '--since', '7d'], 'show_history', { resource: 'vm/101', since: '7d' }],
    [['show-history', '--resource', 'vm/101'], 'show_history', { resource: 'vm/101' }],
    [
      ['diff-state', '101', '--max-age-seconds', '0'],
      'diff_state',
      { resource: '101', max_age_seconds: '0' },
    ],
    [['discover', '--deep'], 'discover', { deep: true }],
    [
      ['list-guests', '--where', 'onboot=1', '--where', '!agent', '--show', 'startup'],
      'list_guests',
      { where: ['onboot=1', '!agent'], show: ['startup'] },
    ],
    [['list-containers', '--where', 'unprivileged=0'], 'list_containers', { where: ['unprivileged=0'] }],
  ])('$0 calls $1 with $2', async (argv, tool, args) => {
    const { code, asked, note } = await runOn(argv);
    expect(code, note).toBe(0);
    expect(asked.slice(1)).toEqual([[tool, args], ['close']]);
  });

  test('--json prints the facts as they are', async () => {
    const facts = { vms: [{ vmid: 1 }], total: 1 };
    const { out, note } = await runOn(['list-vms', '--json'], { answer: () => facts });
    expect(JSON.parse(out)).toEqual(facts);
    expect(note).toBe('');
  });

  test('a failed call exits with 1 and closes what was opened', async () => {
    const fails = () => ({ fails: 'no such guest\nNext: look' });
    const text = await runOn(['list-vms'], { answer: fails });
    expect([text.code, text.out, text.note]).toEqual([1, '', 'no such guest\nNext: look\n']);
    expect(text.asked.at(-1)).toEqual(['close']);
    const json = await runOn(['list-vms', '--json'], { answer: fails });
    expect([json.code, JSON.parse(json.out)]).toEqual([1, { error: 'no such guest\nNext: look' }]);
  });
});

describe('bad usage exits with 2 and opens nothing', () => {
  test.each([
    [['list-vmz'], 'Did you mean list-vms?'],
    [['list-vms', '--statsu', 'x'], '--status'],
    [['list-vms', '--status', 'asleep'], '--status'],
    [['list-vms', 'extra'], 'too many arguments'],
    [['get-resource'], 'the resource is missing'],
    [['get-resource'], 'Example: proxmox-mpc get-resource vm/101'],
    [['show-history', 'vm/1', '--resource', 'vm/2'], 'given twice'],
    [['call'], 'missing required argument'],
    [['call', 'list_vmz'], 'Did you mean list_vms'],
    [['call', 'list_vms', '[1]'], 'not a JSON object'],
    [['watch', '--every', '0'], '5 to 86400'],
    [['db', 'prune', '--yes'], 'how many days'],
    [['db', 'reset'], '--yes'],
    [['db', 'frobnicate'], 'unknown command'],
  ])('$0: $1', async (argv, says) => {
    const { code, note, out, asked } = await runOn(argv);
    expect(code).toBe(2);
    expect(note).toContain(says);
    expect(out).toBe('');
    expect(asked.filter(([what]) => what !== 'confirm')).toEqual([]);
  });
});

describe('call', () => {
  test('takes and prints JSON, and takes the tool’s name with hyphens', async () => {
    const { code, out, asked } = await runOn(['call', 'list-vms', '{"limit":5}'], {
      answer: () => ({ vms: [] }),
    });
    expect([code, out]).toEqual([0, '{"vms":[]}\n']);
    expect(asked[1]).toEqual(['list_vms', { limit: 5 }]);
  });

  test('with - as its argument answers line by line, in order, on one opening', async () => {
    const answer = (_tool: string, { limit }: { limit?: unknown }) =>
      limit === 2 ? { fails: 'no' } : { limit };
    const input = ['{"limit":1}', '{"limit":2}', 'x', '', '{"limit":3}'];
    const { code, out, asked } = await runOn(['call', 'list_vms', '-'], { answer, input });
    expect(code).toBe(1);
    expect(
      out
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([{ limit: 1 }, { error: 'no' }, { error: '"x" is not JSON.' }, { limit: 3 }]);
    expect(asked.filter(([what]) => what === 'session')).toHaveLength(1);
  });
});

describe('what a token may see', () => {
  const auditor = { 'Sys.Audit': 1, 'VM.Audit': 1, 'Datastore.Audit': 1 };

  test('an auditor sees all but log and backups, and is told how to', () => {
    const findings = checkRights({ '/': auditor }, 'mpc@pve!mpc');
    expect(findings.map(({ level }) => level)).toEqual(['good', 'good', 'good', 'doubtful', 'doubtful']);
    expect(findings[3]!.next).toContain("--users mpc@pve --tokens 'mpc@pve!mpc' --roles MpcLog");
  });

  test('a user without any right cannot be used', () => {
    const [finding] = checkRights({ '/': {} }, 'mpc@pve');
    expect(finding).toMatchObject({
      level: 'bad',
      next: expect.stringContaining('--users mpc@pve --roles PVEAuditor'),
    });
    expect(checkRights({}, 'mpc@pve!mpc')[0]!.text).toContain('privilege separation');
  });
});
