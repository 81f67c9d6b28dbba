import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { PveRow } from '../../support/pve-row.ts';
import { type Lab, openLab } from '../../support/simulator-client.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterEach(() => lab.sim.faults.clear());
afterAll(() => lab.close());

const path = '/cluster/resources';

it('a fault answers any status', async () => {
  lab.sim.faults.add({ match: path, kind: 'status', status: 503, reason: 'busy', times: 1 });
  expect(await lab.get(path)).toMatchObject({ status: 503, reason: 'busy', body: '' });
  expect((await lab.get(path)).status).toBe(200);
});

it('a fault answers a page instead of JSON, a redirect, or null', async () => {
  lab.sim.faults.add({ match: path, kind: 'html', times: 1 });
  expect((await lab.get(path)).body).toContain('<html>');
  lab.sim.faults.add({ match: path, kind: 'redirect', location: 'https://evil.example/', times: 1 });
  expect(await lab.get(path)).toMatchObject({ status: 302, headers: { location: 'https://evil.example/' } });
  lab.sim.faults.add({ match: path, kind: 'nulldata', times: 1 });
  expect(await lab.get(path)).toMatchObject({ status: 200, data: null });
});

it('a fault answers with what a test makes of the answer', async () => {
  const alter = (rows: { type: string }[]) => rows.filter(row => row.type === 'node');
  lab.sim.faults.add({ match: path, kind: 'alter', alter, times: 1 });
  expect((await lab.get(path)).data).toHaveLength(3);
  lab.sim.faults.add({ match: path, kind: 'alter', alter: () => null, times: 1 });
  expect(await lab.get(path)).toMatchObject({ status: 200, data: null });
});

it('a fault cuts connections before and within the answer', async () => {
  lab.sim.faults.add({ match: path, kind: 'reset', times: 1 });
  await expect(lab.get(path)).rejects.toThrow();
  expect(lab.sim.requests.list.at(-1)!.status).toBe(0);
  lab.sim.faults.add({ match: path, kind: 'truncate', times: 1 });
  await expect(lab.get(path)).rejects.toThrow('aborted');
});

it('a fault makes an answer late, or slow', async () => {
  lab.sim.faults.add({ match: '/version', kind: 'slow', delayMs: 60, times: 1 });
  const began = performance.now();
  expect((await lab.get('/version')).status).toBe(200);
  expect(performance.now() - began).toBeGreaterThan(50);
  lab.sim.faults.add({ match: '/version', kind: 'drip', bytes: 10, delayMs: 1, times: 1 });
  expect(((await lab.get('/version')).data as PveRow).version).toBe('9.2.11');
});

it('a fault lies: half a list, wrong types, far too much', async () => {
  const whole = (await lab.rows('/cluster/resources?type=vm')).length;
  lab.sim.faults.add({ match: path, kind: 'cut-list', times: 1 });
  expect(await lab.data('/cluster/resources?type=vm')).toHaveLength(whole / 2);
  lab.sim.faults.add({ match: path, kind: 'wrong-types', times: 1 });
  const [row] = await lab.rows('/cluster/resources?type=vm');
  expect([typeof row!.vmid, typeof row!.node]).toEqual(['string', 'number']);
  lab.sim.faults.add({ match: /resources/, kind: 'huge', bytes: 2_000_000, times: 1 });
  expect((await lab.get(path)).body.length).toBeGreaterThan(2_000_000);
});

it('a simulator that was stopped is unreachable, and back on the same port with the same certificate', async () => {
  const other = await openLab({ guests: 4 });
  await other.sim.stop();
  await expect(other.get('/version')).rejects.toThrow();
  await other.sim.start({ port: other.port });
  expect((await other.get('/version')).status).toBe(200);
  await other.close();
});
