import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../support/database-root.ts';

const unit = join(packageRoot, 'docs/proxmox-mpc.service');

/** What systemd finds wrong with a unit file; null where there is no systemd to ask. */
async function complaints(file: string): Promise<string | null> {
  try {
    const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', file]);
    return stderr;
  } catch (error) {
    const { code, stderr } = error as { code?: number | string; stderr?: string };
    if (code === 'ENOENT') return null;
    return stderr ?? String(error);
  }
}

test('the service unit of the docs is one that systemd accepts', async () => {
  const text = await readFile(unit, 'utf8');
  expect(text).toMatch(/^ExecStart=.* watch --every \d+$/m);
  expect(text).toMatch(/^Restart=on-failure$/m);
  expect(text).toMatch(/^EnvironmentFile=\/etc\/proxmox-mpc\.env$/m);
  const found = await complaints(unit);
  expect(found ?? '').not.toContain('proxmox-mpc.service');
  if (found === null) return;
  // The check finds what is wrong, or it would prove nothing.
  const folder = await mkdtemp(join(tmpdir(), 'unit-'));
  try {
    const wrong = join(folder, 'proxmox-mpc.service');
    await writeFile(wrong, text.replace('Restart=on-failure', 'Restart=sometimes'));
    expect(await complaints(wrong)).toContain('sometimes');
  } finally {
    await rm(folder, { recursive: true });
  }
});
