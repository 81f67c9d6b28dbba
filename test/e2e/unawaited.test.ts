import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cleanEnv, ended, spawnProgram } from '../support/program.ts';
import type { Message } from '../support/rpc.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxmox-mpc-unawaited-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const ENV = {
  PROXMOX_URL: 'https://127.0.0.1:1',
  PROXMOX_TOKEN: 'mpc@pve!mpc=c0ffee00-dead-beef-0000-5ecde7000000',
};
const SECRET = 'hunter2hunter2';
const failing = (how: string) => [
  '--import',
  `data:text/javascript,globalThis.fail=()=>{${how}};setTimeout(globalThis.fail,300).unref?.()`,
];
const WAYS = {
  'a rejected promise': `Promise.reject(new Error('odd: password=${SECRET} '+'x'.repeat(100000)))`,
  'a handler that throws': `throw new Error('odd: password=${SECRET} '+'x'.repeat(100000))`,
  'a rejection with no error': `Promise.reject({toString:1,password:'${SECRET}'})`,
  'a rejection with nothing': 'Promise.reject()',
};

describe.each(Object.entries(WAYS))('%s that nobody awaits', (_, how) => {
  // Kills: Node's own answer, which is the end of the process.
  test('is logged by the server, which goes on answering', async () => {
    const child = spawnProgram(['serve'], cleanEnv(home, ENV), failing(how));
    const end = ended(child);
    const answers: Message[] = [];
    let heard = '';
    child.stderr.on('data', text => {
      heard += text;
    });
    child.stdout.on('data', (text: Buffer) => {
      for (const line of String(text).split('\n')) if (line) answers.push(JSON.parse(line) as Message);
    });
    const ask = (id: number, method: string, params: object) =>
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const clientInfo = { name: 'a', version: '1' };
    ask(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    await vi.waitFor(() => expect(heard).toContain('nobody awaited'), 20_000);
    ask(2, 'tools/list', {});
    await vi.waitFor(() => expect(answers).toHaveLength(2), 20_000);
    child.stdin.end();
    const { code, stderr } = await end;
    expect(answers.map(answer => answer.id)).toEqual([1, 2]);
    expect(code, stderr).toBe(0);
    const [line = ''] = stderr.split('\n').filter(one => one.includes('a failure that nobody awaited'));
    expect(line.length).toBeGreaterThan(40);
    expect(line.length).toBeLessThan(2_000);
    expect(stderr).not.toContain(SECRET);
  });

  test('ends a command with 1 and one sentence', async () => {
    // A server that never answers keeps the command waiting meanwhile.
    const { createServer } = await import('node:net');
    const silent = createServer(() => {});
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const env = { ...ENV, PROXMOX_URL: `https://127.0.0.1:${port}`, PROXMOX_TLS_INSECURE: 'true' };
    const child = spawnProgram(['list-vms'], cleanEnv(home, env), failing(how));
    const { code, stdout, stderr } = await ended(child);
    silent.close();
    expect(code, stderr).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('Something failed that should not have');
    expect(stderr).not.toContain('    at ');
    expect(stderr.length).toBeLessThan(1_000);
    expect(stderr).not.toContain(SECRET);
  });
});
