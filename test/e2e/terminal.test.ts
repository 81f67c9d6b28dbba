import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../../src/cli/render/cells.ts';
import { cleanEnv, runProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { startOnTerminal } from '../support/pty.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const onTerminal = (args: string[], env: NodeJS.ProcessEnv = {}, options = {}) =>
  startOnTerminal(args, { ...world.env, ...env }, options).end;
const ESCAPE = '\u001b';
const COLOUR = new RegExp(`${ESCAPE}\\[[0-9;]*m`);
const BAR = 'Reading the cluster';

test('no arguments at a terminal show help; with a pipe they serve', async () => {
  const { code, shown } = await onTerminal([]);
  expect(code).toBe(0);
  expect(shown).toContain('Usage: proxmox-mpc');
  expect(shown).toContain('list-vms');
  expect((await runProgram([], world.env)).stdout).toBe('');
});

test('every command’s help has an example, and fits the terminal', async () => {
  const commands = ['serve', 'watch', 'call', 'init', 'test-connection', 'completion', 'list-vms', 'db'];
  const maintenance = ['status', 'migrate', 'rollback', 'backup', 'restore', 'seed', 'reset', 'prune'];
  for (const words of [...commands.map(one => [one]), ...maintenance.map(one => ['db', one])]) {
    const { code, stdout } = await runHere([...words, '--help'], world.env);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`\nExamples?:\n(?:  .*\n)*  .*proxmox-mpc ${words.join(' ')}`));
  }
  const { shown } = await onTerminal(['init', '--help'], {}, { columns: 80 });
  const [help] = stripVTControlCharacters(shown).split('Examples:');
  // An address is one word, which nothing can break.
  for (const line of help!.split(/\r?\n/).filter(one => !one.includes('postgresql://')))
    expect(line.length, line).toBeLessThanOrEqual(80);
});

describe('tables', () => {
  test.each([
    { columns: 60, env: {}, coloured: true },
    { columns: 100, env: { NO_COLOR: '1' }, coloured: false },
    { columns: 160, env: {}, coloured: true },
  ])('fit $columns columns; coloured $coloured', async ({ columns, env, coloured }) => {
    const { code, shown } = await onTerminal(['list-vms'], env, { columns });
    expect(code).toBe(0);
    expect(shown).toContain('VMID');
    expect(COLOUR.test(shown)).toBe(coloured);
    const table = stripVTControlCharacters(shown.slice(shown.indexOf('VMID')));
    for (const line of table.split(/\r?\n/).filter(one => /^ *\d{3} /.test(one)))
      expect(widthOf(line), line).toBeLessThanOrEqual(columns);
  });

  test('have no colours in a pipe', async () => {
    const piped = await runProgram(['list-vms'], world.env);
    expect(piped.stdout + piped.stderr).not.toContain('\u001b');
  });
});

describe('while discovery takes its time', () => {
  let heal: () => void;
  beforeAll(() => {
    heal = world.sim.faults.add({ match: /./, kind: 'slow', delayMs: 80 });
  });
  afterAll(() => heal());

  test('a bar says how far it is, and is gone when it is done; none of it is in the output', async () => {
    const file = join(world.folder, 'out');
    const { code, shown } = await onTerminal(['discover'], {}, { stdout: file });
    expect(code, shown).toBe(0);
    expect(shown).toMatch(/Reading the cluster ━*─* \d+ of \d+/);
    const rest = shown.slice(shown.lastIndexOf(BAR));
    expect(rest).toContain('\r\u001b[K');
    const output = await readFile(file, 'utf8');
    for (const trace of ['Reading', ESCAPE]) expect(output).not.toContain(trace);
  });

  test.each([
    ['--json', ['discover', '--json'], {}],
    ['a terminal that cannot take a line back', ['discover'], { TERM: 'dumb' }],
  ])('no bar is drawn with %s', async (_, args, env) => {
    const { code, shown } = await onTerminal(args, env);
    expect(code, shown).toBe(0);
    expect(shown).not.toContain(BAR);
  });

  test('no bar is drawn into a pipe', async () => {
    const { code, stderr } = await runProgram(['discover'], world.env);
    expect(code).toBe(0);
    expect(stderr).not.toContain(BAR);
  });
});

describe('--env-file that names no file', () => {
  const args = ['--env-file', '/no/such/file', 'list-vms'];

  test('is bad usage in plain words, where Node.js leaves the flag to the program', async () => {
    // What stands behind -- is the script's.
    const { code, stdout, stderr } = await runProgram(args, cleanEnv(world.folder), '', ['--']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--env-file "/no/such/file" cannot be read (ENOENT).');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('is refused by Node.js itself otherwise, which looks for the flag in front of any program', async () => {
    const { code, stdout, stderr } = await runProgram(args, cleanEnv(world.folder));
    expect([code, stdout]).toEqual([9, '']);
    expect(stderr).toContain('/no/such/file: not found');
  });
});
