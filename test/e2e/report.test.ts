import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportFacts } from '../../src/pages/facts.ts';
import { lookForSecrets } from '../support/canary.ts';
import { runProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const report = (...args: string[]) => runHere(['report', '--since', '7d', ...args], world.env);

describe('proxmox-mpc report', () => {
  test('writes one file that its owner alone can read, with the cluster in it and no secret', async () => {
    const out = join(world.folder, 'report.html');
    const { code, stdout, stderr } = await runProgram(['report', '--since', '7d', '--out', out], world.env);
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(`${out} is written`);
    const text = await readFile(out, 'utf8');
    lookForSecrets('report', text);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
    expect(text).toMatch(
      /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'">/,
    );
    expect(text.replace(/<script[\s\S]*?<\/script>/g, '')).not.toMatch(/https?:|src=|href=/);
    const facts = factsOf(text);
    expect(facts.findings.total).toBeGreaterThan(0);
    expect(facts.findings.rows).toHaveLength(facts.findings.total);
    expect(facts.timeline.history?.some(({ task, result }) => task !== undefined && result === 'ok')).toBe(
      true,
    );
    expect(facts.usage!.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining(['cpu', 'memory', 'storage']),
    );
    expect(facts.drift, 'nothing is declared').toBeUndefined();
  });

  test('without a file it goes to standard output, and bad questions leave nothing behind', async () => {
    const { code, stdout } = await report();
    expect(code).toBe(0);
    expect(factsOf(stdout).source).toBe('live');
    const before = await readdir(world.folder);
    const bad = await report('--since', 'whenever', '--out', join(world.folder, 'x.html'));
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('"whenever" is not a moment');
    const turned = await report('--until', '2026-01-01', '--out', join(world.folder, 'x.html'));
    expect([turned.code, turned.stderr]).toEqual([2, expect.stringContaining('before it begins')]);
    expect(await readdir(world.folder)).toEqual(before);
  });

  test('as Markdown is short, for a ticket', async () => {
    const { code, stdout } = await report('--format', 'markdown');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!-- proxmox-mpc report -->\n\n# `lab`: /);
    expect(stdout).toContain('## What is wrong now');
    expect(stdout).toContain('## How full storages are');
    expect(stdout.length).toBeLessThan(31_000);
    const out = join(world.folder, 'ticket.md');
    await writeFile(out, 'mine');
    const refused = await report('--format', 'markdown', '--out', out);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--force');
    expect((await report('--format', 'markdown', '--out', out, '--force')).code).toBe(0);
    expect((await readFile(out, 'utf8')).slice(0, 26)).toBe('<!-- proxmox-mpc report -->'.slice(0, 26));
  });

  test('answers from the store when the cluster is gone, and says so', async () => {
    await world.sim.stop();
    const { code, stdout } = await report('--max-age', '0');
    expect(code).toBe(0);
    expect(factsOf(stdout)).toMatchObject({ source: 'store', stale: { reason: expect.any(String) } });
  });
});

function factsOf(page: string): ReportFacts {
  const [, text] = /<script type="application\/json" id="facts">(.*)<\/script>/.exec(page)!;
  return JSON.parse(text!) as ReportFacts;
}
