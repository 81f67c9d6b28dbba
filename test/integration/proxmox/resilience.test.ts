import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/log.ts';
import {
  createProxmoxClient,
  endpoints,
  type ProxmoxClient,
  type ProxmoxError,
} from '../../../src/proxmox/index.ts';
import {
  assertHides,
  type Handler,
  type HttpsApi,
  sendData,
  sendError,
  startHttpsApi,
} from '../../support/https-api.ts';

const token = 'root@pam!mpc=hidden-0123456789';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(handler: Handler, name: 'a' | 'b' = 'a', port = 0): Promise<HttpsApi> {
  const api = await startHttpsApi(handler, name, port);
  closers.push(() => api.close());
  return api;
}

function connect(apis: HttpsApi[], options: object = {}): ProxmoxClient {
  const urls = apis.map(api => api.url);
  const client = createProxmoxClient({
    urls,
    credentials: { token },
    tls: { ca: apis[0]!.caPem },
    ...options,
  });
  closers.unshift(() => client.close());
  return client;
}

const version = (_: unknown, response: ServerResponse) => sendData(response, { version: '9' });
const ask = (client: Pick<ProxmoxClient, 'get'>) => client.get(endpoints.access.version);
const errorOf = (request: Promise<unknown>) =>
  request.then(
    () => expect.fail('expected a failure'),
    (error: ProxmoxError) => {
      assertHides(error, 'hidden-0123456789');
      return error;
    },
  );

// Kills: requests that go on after the run they were for has failed, and whose failure then makes the next run fail at once.
it('ends the requests of a run with it, and holds nothing against the address', async () => {
  const held = Promise.withResolvers<ServerResponse>();
  const api = await start((request, response) =>
    request.url.endsWith('/version') ? version(request, response) : held.resolve(response),
  );
  const client = connect([api]);
  const over = new AbortController();
  const run = client.run({ signal: over.signal });
  await ask(run);
  const failed = [run.get(endpoints.cluster.status), run.get(endpoints.cluster.resources)].map(one =>
    one.catch((error: unknown) => error),
  );
  const closed = Promise.withResolvers<void>();
  (await held.promise).once('close', closed.resolve);
  const reason = new Error('the run is over');
  over.abort(reason);
  expect(await Promise.all(failed)).toEqual([reason, reason]);
  await closed.promise;
  expect(await ask(client)).toEqual({ version: '9' });
  expect(await run.get(endpoints.access.version).catch((error: unknown) => error)).toBe(reason);
});

describe('repeats', () => {
  it('a request once when the kept connection was closed as it was sent', async () => {
    let seen = 0;
    const api = await start((request, response) =>
      ++seen === 2 ? response.socket?.destroy() : version(request, response),
    );
    const client = connect([api]);
    await ask(client);
    expect(await ask(client)).toEqual({ version: '9' });
    expect(api.requests).toHaveLength(3);
    expect(client.calls).toBe(3);
  });

  it('not for ever, and not on a fresh connection', async () => {
    let seen = 0;
    const api = await start((request, response) =>
      ++seen > 1 ? response.socket?.destroy() : version(request, response),
    );
    const client = connect([api]);
    await ask(client);
    expect(await errorOf(ask(client))).toMatchObject({ kind: 'unreachable' });
    expect(api.requests).toHaveLength(3);
  });

  it('502, 503 and 504 twice, 500 never', async () => {
    let seen = 0;
    const api = await start((request, response) => {
      if (request.url.includes('/storage')) sendError(response, 500, 'no');
      else if (++seen < 3) sendError(response, 503, 'Service Unavailable');
      else version(request, response);
    });
    const client = connect([api]);
    expect(await ask(client)).toEqual({ version: '9' });
    expect(api.requests).toHaveLength(3);
    seen = -100;
    expect(await errorOf(ask(client))).toMatchObject({ kind: 'server', status: 503 });
    expect(api.requests).toHaveLength(6);
    await errorOf(client.get(endpoints.storage.definitions));
    expect(api.requests).toHaveLength(7);
  });
});

describe('time', () => {
  it('is limited from the first to the last byte', async () => {
    const api = await start((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 50);
      response.once('close', () => clearInterval(drip));
    });
    const error = await errorOf(ask(connect([api], { timeoutMs: 400 })));
    expect(error).toMatchObject({ kind: 'timeout', path: '/version' });
    expect(error.message).toContain('0.4 s');
  });

  it('of an answer may be longer than connections are kept idle', async () => {
    const api = await start((request, response) => {
      setTimeout(() => version(request, response), 4_600);
    });
    expect(await ask(connect([api]))).toEqual({ version: '9' });
  });

  it('to connect is limited where nobody answers the handshake', async () => {
    const silent = createServer(() => {});
    await new Promise<void>(done => silent.listen(0, '127.0.0.1', done));
    closers.push(() => silent.close());
    const { port } = silent.address() as { port: number };
    const client = createProxmoxClient({
      urls: [`https://127.0.0.1:${port}`],
      credentials: { token },
      timeoutMs: 300,
    });
    closers.unshift(() => client.close());
    expect(await errorOf(ask(client))).toMatchObject({ kind: 'unreachable' });
  });

  it('is up when the caller says so, in flight and in the queue', async () => {
    const api = await start(() => {});
    const client = connect([api], { concurrency: 1 });
    const giveUp = new AbortController();
    const first = client.get(endpoints.access.version, undefined, undefined, { signal: giveUp.signal });
    const second = client.get(endpoints.access.version, undefined, undefined, { signal: giveUp.signal });
    await expect.poll(() => api.requests.length, { timeout: 10_000 }).toBe(1);
    giveUp.abort(new Error('no longer wanted'));
    await expect(first).rejects.toThrow('no longer wanted');
    await expect(second).rejects.toThrow('no longer wanted');
    expect(api.requests).toHaveLength(1);
  });
});

describe('several addresses', () => {
  it('are tried in turn, and one that fails is left alone for 30 s', async () => {
    const first = await start(version);
    const second = await start(version, 'b');
    let clock = 1_000_000;
    const client = connect([first, second], { now: () => clock });
    await ask(client);
    expect(client.baseUrl).toBe(first.url);
    await first.close();

    expect(await ask(client)).toEqual({ version: '9' });
    expect(client.baseUrl).toBe(second.url);
    const calls = client.calls;
    await ask(client);
    expect(client.calls - calls).toBe(1);

    const back = await start(version, 'a', first.port);
    clock += 20_000;
    await ask(client);
    expect(client.baseUrl).toBe(second.url);
    clock += 11_000;
    await ask(client);
    expect(client.baseUrl).toBe(back.url);
  });

  // Kills: the last failure repeated without asking until our clock, which was set back, is where it was.
  it.each([
    ['a moment later', 4_000],
    ['when our clock was set back', -86_400_000],
  ])('that are all down fail at once, and are tried again %s', async (_, passed) => {
    const first = await start(version);
    const second = await start(version, 'b');
    let clock = 1_000_000;
    const client = connect([first, second], { now: () => clock });
    await Promise.all([first.close(), second.close()]);
    const error = await errorOf(ask(client));
    expect(error).toMatchObject({ kind: 'unreachable', isOutage: true });
    expect(error.message).toContain(first.url);
    expect(error.message).toContain(second.url);
    const calls = client.calls;
    await errorOf(ask(client));
    expect(client.calls).toBe(calls);
    const back = await start(version, 'b', second.port);
    clock += passed;
    expect(await ask(client)).toEqual({ version: '9' });
    expect(client.baseUrl).toBe(back.url);
  });

  it.each([
    { hosts: 1, told: ['info'] },
    { hosts: 2, told: ['warn', 'warn'] },
  ])('of $hosts that are down, each outage is told once: $told', async ({ hosts, told }) => {
    const apis = await Promise.all([start(version), ...(hosts === 2 ? [start(version, 'b')] : [])]);
    let clock = 0;
    const lines: string[] = [];
    const log = createLog('info', line => void lines.push(line));
    const client = connect(apis, { now: () => clock, log });
    for (const api of apis) await api.close();
    for (let asked = 0; asked < 3; asked++) {
      await errorOf(ask(client));
      clock += 31_000;
    }
    expect(lines.map(line => / (info|warn) /.exec(line)?.[1])).toEqual(told);
  });

  it('cover for one that accepts connections and then hangs', async () => {
    const first = await start(() => {});
    const second = await start(version, 'b');
    const client = connect([first, second], { timeoutMs: 300 });
    expect(await ask(client)).toEqual({ version: '9' });
    expect(client.baseUrl).toBe(second.url);
  });
});

describe('load', () => {
  it('never has more requests in flight than allowed', async () => {
    let now = 0;
    let most = 0;
    const api = await start((_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        sendData(response, { version: '9' });
      }, 10);
    });
    const client = connect([api], { concurrency: 3 });
    await Promise.all(Array.from({ length: 40 }, () => ask(client)));
    expect(most).toBe(3);
    expect(api.connections).toBeLessThanOrEqual(3);
  });

  it('is reported request by request', async () => {
    const api = await start(version);
    const seen: unknown[] = [];
    const client = connect([api], { onRequest: (report: unknown) => seen.push(report) });
    await ask(client);
    expect(seen).toEqual([
      {
        method: 'GET',
        path: '/version',
        status: 200,
        durationMs: expect.any(Number),
        length: expect.any(Number),
      },
    ]);
  });
});

describe('a run', () => {
  const configs = (reader: Pick<ProxmoxClient, 'get'>, node: string, count: number) =>
    Promise.allSettled(
      Array.from({ length: count }, (_, at) => reader.get(endpoints.qemu.config, { node, vmid: 100 + at })),
    );

  it.each([
    ['hangs', undefined],
    ['is unreachable', 595],
    ['is not answered for', 596],
  ])('asks a node that %s only once', async (_, status) => {
    const api = await start((request, response) => {
      if (!request.url.includes('/pve2/')) sendData(response, { digest: 'x' });
      else if (status !== undefined) sendError(response, status, 'Connection timed out');
    });
    const client = connect([api], { timeoutMs: 500 });
    const run = client.run();
    const [dead, alive] = await Promise.all([configs(run, 'pve2', 20), configs(run, 'pve1', 20)]);
    expect(dead.every(result => result.status === 'rejected' && result.reason.node === 'pve2')).toBe(true);
    expect(alive.every(result => result.status === 'fulfilled')).toBe(true);
    expect(api.requests.filter(request => request.url.includes('/pve2/'))).toHaveLength(1);
    expect([...run.silentNodes().keys()]).toEqual(['pve2']);
    expect(run.calls).toBe(21);

    const next = client.run();
    expect(next.calls).toBe(0);
    await configs(next, 'pve2', 1);
    expect(api.requests.filter(request => request.url.includes('/pve2/'))).toHaveLength(2);
  });

  it('does not take a hanging guest agent or storage for a hanging node', async () => {
    const api = await start((request, response) => {
      if (!request.url.includes('/agent/')) sendData(response, { digest: 'x' });
    });
    const run = connect([api], { timeoutMs: 300 }).run();
    const agent = errorOf(run.get(endpoints.qemu.interfaces, { node: 'pve2', vmid: 100 }));
    expect(await agent).toMatchObject({ kind: 'timeout', node: 'pve2' });
    expect((await configs(run, 'pve2', 3)).map(result => result.status)).toEqual(Array(3).fill('fulfilled'));
    expect(run.silentNodes().size).toBe(0);
  });

  it('goes on with a node whose first guest is missing', async () => {
    const api = await start((request, response) => {
      if (request.url.includes('/100/')) sendError(response, 500, "Configuration file 'x' does not exist");
      else sendData(response, { digest: 'x' });
    });
    const results = await configs(connect([api]).run(), 'pve2', 5);
    expect(results.map(result => result.status)).toEqual(['rejected', ...Array(4).fill('fulfilled')]);
    expect(api.requests).toHaveLength(5);
  });

  it('stops at the first refusal of its credentials', async () => {
    const api = await start((_, response) => sendError(response, 401, 'Authentication failed!'));
    const run = connect([api]).run();
    await errorOf(ask(run));
    expect(await errorOf(run.get(endpoints.storage.definitions))).toMatchObject({ kind: 'unauthorized' });
    expect(api.requests).toHaveLength(1);
  });

  it('keeps its own warnings', async () => {
    const api = await start((_, response) => sendData(response, [{ storage: 'local' }, {}]));
    const client = connect([api]);
    const run = client.run();
    await run.get(endpoints.storage.definitions);
    expect(run.takeWarnings()).toHaveLength(1);
    expect(client.takeWarnings()).toEqual([]);
  });

  it('lets others go first again when the one who went first gave up', async () => {
    const api = await start((request, response) => {
      if (!request.url.includes('/100/')) sendData(response, { digest: 'x' });
    });
    const run = connect([api]).run();
    const giveUp = new AbortController();
    const first = run.get(endpoints.qemu.config, { node: 'pve1', vmid: 100 }, undefined, {
      signal: giveUp.signal,
    });
    const second = run.get(endpoints.qemu.config, { node: 'pve1', vmid: 101 });
    setTimeout(() => giveUp.abort(), 50);
    await expect(first).rejects.toThrow();
    expect(await second).toEqual({ digest: 'x' });
  });
});
