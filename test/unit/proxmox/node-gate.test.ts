import { expect, test } from 'vitest';
import { NodeGate, NodePatience } from '../../../src/proxmox/node-gate.ts';
import { ProxmoxError } from '../../../src/proxmox/proxmox-error.ts';

let now = 0;
const HANGS = new ProxmoxError('timeout', 'GET /nodes/pve2/status took longer than 10 s', { node: 'pve2' });

/** A request to a node that hangs: it is over when who asked has waited long enough. */
const hanging = (limits: boolean[]) => (limit?: AbortSignal) => {
  limits.push(limit !== undefined);
  return new Promise<never>((_, reject) => {
    if (limit === undefined) reject(HANGS);
    limit?.addEventListener('abort', () => reject(limit.reason));
  });
};

// Kills: ten seconds of each look for a node that hangs; a node that is never waited for again, though it is just slow.
test('a node that hangs is waited for in full once a minute, and briefly in between', async () => {
  const patience = new NodePatience(1, () => now);
  const limits: boolean[] = [];
  const run = async () => {
    const gate = new NodeGate(patience);
    await expect(gate.pass('pve2', true, hanging(limits))).rejects.toMatchObject({
      kind: 'timeout',
      node: 'pve2',
    });
    await expect(gate.pass('pve2', true, hanging(limits))).rejects.toThrow(/node pve2 does not answer/);
    expect([...gate.silent().keys()]).toEqual(['pve2']);
    expect(await gate.pass('pve1', true, async limit => limit)).toBeUndefined();
  };
  for (const at of [0, 1, 30_000, 59_999, 60_000, 61_000]) {
    now = at;
    await run();
  }
  expect(limits).toEqual([false, true, true, true, false, true]);
  // A clock that was set back tells nothing.
  now = 5_000;
  await run();
  expect(limits.at(-1)).toBe(false);
});

test('a node that answers again is waited for as any other', async () => {
  now = 0;
  for (const answer of [
    async () => 'well',
    () => Promise.reject(new ProxmoxError('server', 'no', { status: 500 })),
  ]) {
    const patience = new NodePatience(1_000, () => now);
    await expect(new NodeGate(patience).pass('pve2', true, hanging([]))).rejects.toThrow();
    await new NodeGate(patience).pass('pve2', true, answer).catch(() => {});
    const limits: boolean[] = [];
    await expect(new NodeGate(patience).pass('pve2', true, hanging(limits))).rejects.toThrow();
    expect(limits).toEqual([false]);
  }
});

test('who gives up is not taken for a node that hangs', async () => {
  now = 0;
  const patience = new NodePatience(60_000, () => now);
  await expect(new NodeGate(patience).pass('pve2', true, hanging([]))).rejects.toThrow();
  const gate = new NodeGate(patience);
  const gaveUp = new Error('gave up');
  await expect(gate.pass('pve2', true, () => Promise.reject(gaveUp))).rejects.toBe(gaveUp);
  expect(gate.silent().size).toBe(0);
});
