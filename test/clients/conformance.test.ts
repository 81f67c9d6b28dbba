import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROGRAM, ROOT } from '../support/program.ts';
import { bridge } from './http-bridge.ts';

const SUITE = '@modelcontextprotocol/conformance@0.2.0-alpha.12';
const VERSIONS = ['2025-11-25', '2026-07-28'];

let home: string;
let server: Awaited<ReturnType<typeof bridge>>;
/** Rows of the table in docs/protocol.md: a scenario, and for each revision whether it passes, or why it does not apply. */
let table: string[][];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxmox-mpc-conformance-'));
  await promisify(execFile)('npm', [
    'install',
    '--prefix',
    home,
    '--prefer-offline',
    '--ignore-scripts',
    SUITE,
  ]);
  server = await bridge(process.execPath, [PROGRAM, 'serve', '--demo'], { ...process.env, HOME: home });
  const text = await readFile(join(ROOT, 'docs/protocol.md'), 'utf8');
  table = [...text.matchAll(/^\| `([\w-]+)` \| (.+) \| (.+) \|$/gm)].map(row => row.slice(1));
});
afterAll(async () => {
  server.close();
  await rm(home, { recursive: true, force: true });
});

/** Runs the suite's program; how it ended does not matter, what it wrote does. */
async function suite(...args: string[]): Promise<string> {
  const program = join(home, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
  const run = promisify(execFile)(process.execPath, [program, ...args], { maxBuffer: 20_000_000 });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return stripVTControlCharacters(stdout);
}

test('the table has every server scenario of the suite, and no other', async () => {
  const listed = (await suite('list')).split(/^(?=\w.* scenarios)/m).find(part => part.startsWith('Server'))!;
  const scenarios = [...listed.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name);
  expect(scenarios.length).toBeGreaterThan(50);
  expect(table.map(([name]) => name).sort()).toEqual(scenarios.sort());
});

test.each(VERSIONS)('what the table says passes, passes: %s', async version => {
  const column = 1 + VERSIONS.indexOf(version);
  const passing = table.filter(row => row[column]!.startsWith('passes'));
  expect(passing.length).toBeGreaterThan(5);
  for (const row of passing) {
    const scenario = row[0]!;
    const said = await suite(
      'server',
      '--url',
      server.url,
      '--scenario',
      scenario,
      '--spec-version',
      version,
    );
    expect(said, scenario).toMatch(/Passed: \d+\/\d+/);
    const failed = [...said.matchAll(/\[(\S+)\s*\] FAILURE/g)].map(([, check]) => check);
    const excepted = [...row[column]!.matchAll(/`([^`]+)`/g)].map(([, check]) => check);
    expect(failed.sort(), said).toEqual(excepted.sort());
  }
});
