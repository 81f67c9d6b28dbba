import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulator, type Fault, type Simulator } from '../../../src/simulator/index.ts';
import { changeSomething, expectHealed, expectNothingFalse, whenAsked } from '../../support/after-fault.ts';
import type { Lab, LabOptions } from '../../support/lab.ts';
import { times } from '../../support/soak.ts';
import { startStory } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
const begin = async (options: LabOptions = {}) => {
  ({ lab, story } = await startStory({ guests: 8, ...options }, 60_000));
};
afterEach(() => lab.close());

/** What a user reads who asks for the newest state. */
const ask = () => lab.call('list_vms', { max_age_seconds: 0 });
const port = () => Number(new URL(lab.client.baseUrl).port);

// Kills: throwing, being silent about it, or recording what was not seen, whatever the API does instead of answering.
describe('the store answers with its age, nothing false is recorded, and the next look heals, while every answer is', () => {
  test.each<{ name: string; fault: Omit<Fault, 'match'>; told: RegExp }>([
    { name: 'a reset', fault: { kind: 'reset' }, told: /does not answer/ },
    { name: 'too slow', fault: { kind: 'slow', delayMs: 3_000 }, told: /took longer than 2 s/ },
    { name: 'half', fault: { kind: 'truncate' }, told: /broke off/ },
    { name: 'a page of HTML', fault: { kind: 'html' }, told: /is a web page/ },
    {
      name: 'a 500',
      fault: { kind: 'status', status: 500, reason: 'got no worker' },
      told: /500 got no worker/,
    },
    {
      name: 'a 595',
      fault: { kind: 'status', status: 595, reason: 'No route to host' },
      told: /595 No route/,
    },
    {
      name: 'a 596',
      fault: { kind: 'status', status: 596, reason: 'Connection timed out' },
      told: /596 Conn/,
    },
    {
      name: 'a 401',
      fault: { kind: 'status', status: 401, reason: 'invalid token' },
      told: /401 invalid token/,
    },
  ])('$name', async ({ fault, told }) => {
    await begin({ timeoutMs: 2_000 });
    const since = lab.sim.clock.now() - 60_000;
    changeSomething(lab);
    lab.sim.faults.add({ match: /./, ...fault });
    const answer = await ask();
    expect(answer).toMatchObject({ source: 'store', stale: { reason: expect.stringMatching(told) } });
    expect(Date.parse(answer.stale.since)).toBe(since);
    expect(answer.total).toBeGreaterThan(0);
    expect(await story()).toEqual([]);
    await expectHealed(lab);
  });

  test('refused, as nobody listens', async () => {
    await begin();
    changeSomething(lab);
    const at = port();
    await lab.sim.stop();
    expect(await ask()).toMatchObject({
      source: 'store',
      stale: { reason: expect.stringMatching(/ECONNREFUSED/) },
    });
    expect(await story()).toEqual([]);
    await lab.sim.start({ port: at });
    await expectHealed(lab);
  });

  test('missing, as the name does not resolve', async () => {
    let gone = false;
    await begin({ urls: url => [gone ? 'https://cluster.invalid:8006' : url] });
    changeSomething(lab);
    gone = true;
    await lab.restart();
    expect(await ask()).toMatchObject({
      source: 'store',
      stale: { reason: expect.stringMatching(/cluster\.invalid/) },
    });
    expect(await story()).toEqual([]);
    gone = false;
    await lab.restart();
    await expectHealed(lab);
  });
});

// Kills: a node's silence told as nothing, as an outage of all, or as the end of its guests.
test.each([
  { status: 595, reason: 'No route to host' },
  { status: 596, reason: 'Connection timed out' },
])('a node that ends in $status in mid-run costs sight of what only it can tell', async ({
  status,
  reason,
}) => {
  await begin();
  changeSomething(lab);
  lab.sim.faults.add({ match: /^\/nodes\/pve2\//, kind: 'status', status, reason, after: 2 });
  const { run, unseen } = await lab.call('discover', { deep: true });
  expect(run.id).toBe(2);
  expect(JSON.stringify(unseen)).toMatch(/pve2|config of/);
  await expectNothingFalse(lab);
  await expectHealed(lab);
});

// Kills: a half-read run taken for a whole one, wherever its credentials are taken away.
test('a token that is revoked in mid-run makes no half-read run a whole one', async () => {
  await begin();
  await lab.discover({ deep: true });
  lab.sim.requests.reset();
  await lab.discover({ deep: true });
  const calls = lab.sim.requests.count();
  for (let after = 0; after < calls; after += times(13, 2)) {
    changeSomething(lab, after);
    const remove = lab.sim.faults.add({
      match: /./,
      kind: 'status',
      status: 401,
      reason: 'no such token',
      after,
    });
    await lab.discover({ deep: true }).catch(() => {});
    expect((await ask()).stale.reason).toMatch(/401 no such token/);
    await expectNothingFalse(lab);
    remove();
    lab.sim.clock.advance(40_000);
  }
  await expectHealed(lab);
});

describe('a certificate that changes in mid-run', () => {
  let twin: Simulator;
  beforeEach(async () => {
    twin = await createSimulator({ guests: 8 });
  });
  afterEach(() => twin.stop());
  /** Another server takes the address over while a run reads. */
  const swap = async (start: (at: number) => Promise<unknown>) => {
    changeSomething(lab);
    const at = port();
    const run = lab.discover({ deep: true }).catch(() => {});
    await whenAsked(lab, 6, async () => {
      await lab.sim.stop();
      await start(at);
    });
    await run;
    await expectNothingFalse(lab);
  };
  const back = async () => {
    const at = port();
    await Promise.all([lab.sim.stop(), twin.stop()]);
    await lab.sim.start({ port: at });
    await expectHealed(lab);
  };

  // Kills: "checked once, trusted for ever": who takes over the address gets no token.
  test('to that of a stranger: nothing is sent, with a CA', async () => {
    await begin();
    await swap(at => twin.start({ port: at }));
    lab.sim.clock.advance(60_000);
    expect((await ask()).stale.reason).toMatch(/certificate .* is not trusted/);
    expect(twin.requests.count()).toBe(0);
    await back();
  });

  test('to that of a stranger: nothing is sent, with a fingerprint', async () => {
    await begin({ tls: sim => ({ fingerprints: [sim.fingerprint] }) });
    await swap(at => twin.start({ port: at }));
    lab.sim.clock.advance(60_000);
    expect((await ask()).stale.reason).toMatch(/none of those pinned/);
    expect(twin.requests.count()).toBe(0);
    await back();
  });

  test('to another of the same CA: all goes on with the CA', async () => {
    await begin();
    await swap(at => lab.sim.start({ port: at, node: 'pve2' }));
    await expectHealed(lab);
  });

  test('to another of the same CA: a pin refuses it', async () => {
    await begin({ tls: sim => ({ fingerprints: [sim.fingerprint] }) });
    await swap(at => lab.sim.start({ port: at, node: 'pve2' }));
    lab.sim.clock.advance(60_000);
    expect((await ask()).stale.reason).toMatch(/none of those pinned/);
    await back();
  });
});
