import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../support/program.ts';

test('the official tool takes the manifest and packs the bundle, in less than 15 MB', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/mcpb.ts'], { cwd: ROOT });
  expect(stdout).toContain('Manifest schema validation passes!');
  expect(Number(/: ([\d.]+) MB, all platforms/.exec(stdout)?.[1])).toBeLessThan(15);
});
