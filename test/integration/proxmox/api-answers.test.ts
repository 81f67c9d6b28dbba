import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createProxmoxClient,
  endpoints,
  type ProxmoxClient,
  type ProxmoxError,
} from '../../../src/proxmox/index.ts';
import { isWhole } from '../../../src/proxmox/unread.ts';
import {
  assertHides,
  type Handler,
  type HttpsApi,
  sendData,
  sendError,
  startHttpsApi,
} from '../../support/https-api.ts';

const SECRET = 'hidden-0123456789';
const token = `root@pam!mpc=${SECRET}`;
const guest = { node: 'pve2', vmid: 100 };
let api: HttpsApi;
let handler: Handler;
let client: ProxmoxClient;

beforeAll(async () => {
  api = await startHttpsApi((...args) => handler(...args));
});
afterEach(() => client.close());
afterAll(() => api.close());

function connect(answer: Handler, options: object = {}): ProxmoxClient {
  handler = answer;
  api.requests.length = 0;
  client = createProxmoxClient({
    urls: [api.url],
    credentials: { token },
    tls: { ca: api.caPem },
    ...options,
  });
  return client;
}

/** The error of a request; checks on the way that the secret is nowhere in it. */
async function errorOf(request: Promise<unknown>): Promise<ProxmoxError> {
  const error = await request.then(
    data => {
      throw new Error(`expected a failure, got ${JSON.stringify(data)}`);
    },
    (thrown: unknown) => thrown,
  );
  assertHides(error, SECRET);
  assertHides(error, 'PVEAPIToken');
  return error as ProxmoxError;
}

describe('a good answer', () => {
  it('is asked for with the token, by GET, without a body, and gzip accepted', async () => {
    connect((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(JSON.stringify({ data: [{ n: 1, t: 'ü' }], total: 7 })));
    });
    const upid = 'UPID:pve1:0000057B:000500C7:6B00E8C2:qmcreate:108:root@pam!mcp:';
    const page = await client.getPage(
      endpoints.tasks.log,
      { node: 'pve1', upid },
      { limit: 0, start: undefined },
    );
    expect(page).toEqual({ data: [{ n: 1, t: 'ü' }], total: 7 });
    const [request] = api.requests;
    expect(request?.url).toBe(
      '/api2/json/nodes/pve1/tasks/UPID%3Apve1%3A0000057B%3A000500C7%3A6B00E8C2%3Aqmcreate%3A108%3Aroot%40pam!mcp%3A/log?limit=0',
    );
    expect(request?.headers).toMatchObject({
      authorization: `PVEAPIToken=${token}`,
      'accept-encoding': 'gzip',
    });
    expect(request?.headers).not.toHaveProperty('content-length');
    expect(request?.headers).not.toHaveProperty('transfer-encoding');
    expect(client.calls).toBe(1);
  });

  it('tells the clock offset and reuses the connection', async () => {
    connect((_, response) => {
      response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
      sendData(response, { version: '9' });
    });
    const before = api.connections;
    await client.get(endpoints.access.version);
    await client.get(endpoints.access.version);
    expect(Math.abs((client.clockOffsetMs ?? 0) - 3_600_000)).toBeLessThan(1_500);
    expect(api.connections - before).toBe(1);
    expect(client.baseUrl).toBe(api.url);
  });

  it('costs one row, reported, when one row has the wrong shape', async () => {
    connect((_, response) =>
      sendData(response, [
        { id: 'qemu/1', type: 'qemu', vmid: '1' },
        { id: ['x'], type: 'qemu', vmid: 2 },
        7,
      ]),
    );
    const rows = await client.get(endpoints.cluster.resources);
    expect(rows).toEqual([
      { id: 'qemu/1', type: 'qemu', vmid: 1 },
      { type: 'qemu', vmid: 2 },
    ]);
    expect(isWhole(rows)).toBe(false);
    expect(client.takeWarnings()).toEqual([
      {
        endpoint: '/cluster/resources',
        what: 'field',
        reason: expect.stringContaining('id'),
        count: 1,
        rows: ['2'],
      },
      { endpoint: '/cluster/resources', what: 'row', reason: 'expected an object', count: 1, rows: [] },
    ]);
    expect(client.takeWarnings()).toEqual([]);
  });
});

describe('a refusal', () => {
  it.each<[string, number, string, unknown, object]>([
    [
      'a bad token',
      401,
      'Authentication failed!',
      undefined,
      { kind: 'unauthorized', reason: 'Authentication failed!' },
    ],
    [
      'a missing right',
      403,
      'Permission check failed (/vms/100, VM.Audit)',
      { data: null, message: 'Permission check failed (/vms/100, VM.Audit)\n' },
      { kind: 'forbidden', hint: expect.stringContaining('VM.Audit on /vms/100') },
    ],
    [
      'a missing guest',
      500,
      "Configuration file 'nodes/pve2/qemu-server/100.conf' does not exist",
      { data: null },
      { kind: 'not-found', node: 'pve2', path: '/nodes/pve2/qemu/100/config' },
    ],
    ['an unknown call', 501, "Method 'GET /x' not implemented", { data: null }, { kind: 'not-implemented' }],
    [
      'a bad parameter',
      400,
      'Parameter verification failed.',
      { data: null, errors: { limit: 'no' } },
      { kind: 'bad-request', errors: { limit: 'no' } },
    ],
    [
      'a node without connection',
      595,
      'Connection refused',
      undefined,
      { kind: 'node-unreachable', node: 'pve2' },
    ],
    ['a hanging node', 596, 'Connection timed out', undefined, { kind: 'node-unreachable', node: 'pve2' }],
    ['a redirect', 302, 'Found', undefined, { kind: 'bad-answer' }],
    [
      'an echo of the token',
      500,
      `bad header PVEAPIToken ${SECRET}`.replace('PVEAPIToken ', ''),
      undefined,
      { kind: 'server' },
    ],
  ])('for %s is typed and not repeated', async (_, status, reason, body, expected) => {
    connect((_request, response) => {
      response.setHeader('location', 'http://elsewhere.example/path?session=1');
      sendError(response, status, reason, body);
    });
    expect(await errorOf(client.get(endpoints.qemu.config, guest))).toMatchObject({ status, ...expected });
    expect(api.requests).toHaveLength(1);
  });

  it('keeps the reason phrase, also in UTF-8', async () => {
    connect((_, response) => {
      response.socket?.end('HTTP/1.1 500 Größe geändert\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
    expect((await errorOf(client.get(endpoints.access.version))).reason).toBe('Größe geändert');
  });

  it('by redirect names only where it leads and is not followed', async () => {
    connect((_, response) => {
      response.setHeader('location', 'http://elsewhere.example/path?session=1');
      sendError(response, 301, 'Moved');
    });
    const error = await errorOf(client.get(endpoints.access.version));
    expect(error.hint).toContain('http://elsewhere.example)');
    expect(error.hint).not.toContain('session');
  });
});

describe('an answer that cannot be used', () => {
  it.each<[string, Handler, string]>([
    ['a web page', (_, response) => response.end('<!DOCTYPE html><html></html>'), 'web page'],
    ['nothing', (_, response) => response.end(''), 'is empty'],
    ['half of it', (_, response) => response.end('{"data":[{"id":"qemu/1"'), 'not complete JSON'],
    ['no data', (_, response) => sendData(response, null), 'holds no data'],
    ['no envelope', (_, response) => response.end('[1]'), 'not a JSON object'],
    ['another shape', (_, response) => sendData(response, 'x'), 'is not what Proxmox VE sends'],
    ['only unusable rows', (_, response) => sendData(response, [7]), 'no usable row'],
    [
      'a body cut short',
      (_, response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('{"data":[');
        setTimeout(() => response.socket?.destroy(), 20);
      },
      'broke off',
    ],
    [
      'compressed data cut short',
      (_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync(JSON.stringify({ data: [{ id: 'x'.repeat(100) }] })).subarray(0, 40));
      },
      'broke off',
    ],
  ])('is typed and names the endpoint: %s', async (_, answer, words) => {
    connect(answer);
    const error = await errorOf(client.get(endpoints.cluster.resources));
    expect(error).toMatchObject({ kind: 'bad-answer', path: '/cluster/resources' });
    expect(error.message).toContain('/cluster/resources');
    expect(error.message).toContain(words);
    expect(api.requests).toHaveLength(1);
  });

  it('is not read beyond the limit, counted after decompression', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 32));
    connect(
      (_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(bomb);
      },
      { maxBytes: 1024 * 1024 },
    );
    const before = process.memoryUsage().rss;
    const error = await errorOf(client.get(endpoints.cluster.resources));
    expect(error).toMatchObject({ kind: 'too-large', path: '/cluster/resources' });
    expect(error.message).toContain('1 MiB');
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });
});

describe('a user with password', () => {
  const credentials = { username: 'root@pam', password: SECRET };

  it('logs in once and sends the cookie', async () => {
    connect(
      (request, response) => {
        if (request.method === 'POST') sendData(response, { ticket: 'PVE:root@pam:1::s=' });
        else sendData(response, { version: '9' });
      },
      { credentials },
    );
    await Promise.all([client.get(endpoints.access.version), client.get(endpoints.access.version)]);
    const [login, ...rest] = api.requests;
    expect(login).toMatchObject({
      url: '/api2/json/access/ticket',
      body: `username=root%40pam&password=${SECRET}`,
    });
    expect(rest.map(request => request.headers.cookie)).toEqual(
      Array(2).fill('PVEAuthCookie=PVE%3Aroot%40pam%3A1%3A%3As%3D'),
    );
  });

  it('logs in again when the ticket is refused, once', async () => {
    let tickets = 0;
    connect(
      (request, response) => {
        if (request.method === 'POST') sendData(response, { ticket: `t${++tickets}` });
        else if (request.headers.cookie === 'PVEAuthCookie=t2') sendData(response, { version: '9' });
        else sendError(response, 401, 'No ticket');
      },
      { credentials },
    );
    expect(await client.get(endpoints.access.version)).toEqual({ version: '9' });
    handler = (request, response) => {
      if (request.method === 'POST') sendData(response, { ticket: 'bad' });
      else sendError(response, 401, `invalid ticket bad ${SECRET}`);
    };
    const before = api.requests.length;
    expect(await errorOf(client.get(endpoints.access.version))).toMatchObject({ kind: 'unauthorized' });
    expect(api.requests.length - before).toBe(3);
  });

  it('is told when the password is wrong', async () => {
    connect((_, response) => sendError(response, 401, 'authentication failure'), { credentials });
    const error = await errorOf(client.get(endpoints.access.version));
    expect(error).toMatchObject({ kind: 'unauthorized', path: '/access/ticket' });
    expect(error.hint).toContain('password of root@pam');
  });
});
