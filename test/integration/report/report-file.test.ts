import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeReport } from '../../../src/cli/report-file.ts';
import { GENERATOR } from '../../../src/pages/html.ts';
import { MARKDOWN_MARK } from '../../../src/pages/markdown.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const write = (path: string, text = 'new', force = false) => writeReport(path, text, { force });

test.each([
  ['a page', `<!doctype html>\n${GENERATOR}`],
  ['a ticket', MARKDOWN_MARK],
  ['an empty file', ''],
])('takes the place of %s of ours, and is its owner\u2019s alone', async (_, earlier) => {
  await writeFile(at('report'), earlier);
  await chmod(at('report'), 0o644);
  await write(at('report'));
  expect(await readFile(at('report'), 'utf8')).toBe('new');
  expect((await stat(at('report'))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['report']);
});

test('replaces nothing else unless told to', async () => {
  await writeFile(at('notes.txt'), `${'mine '.repeat(2_000)}${GENERATOR}`);
  await expect(write(at('notes.txt'))).rejects.toThrow('it is no report');
  expect((await readFile(at('notes.txt'), 'utf8')).slice(0, 4)).toBe('mine');
  await write(at('notes.txt'), 'new', true);
  expect(await readFile(at('notes.txt'), 'utf8')).toBe('new');
});

test('writes through no link and into no device, whatever it is told', async () => {
  await writeFile(at('target'), GENERATOR);
  await symlink(at('target'), at('link'));
  for (const path of [at('link'), folder, '/dev/null'])
    await expect(write(path, 'new', true), path).rejects.toThrow('is no plain file');
  await expect(write(at('nowhere/report'), 'new', true)).rejects.toThrow('cannot be written (ENOENT)');
  expect((await readdir(folder)).sort()).toEqual(['link', 'target']);
  expect(await readFile(at('target'), 'utf8')).toBe(GENERATOR);
});
