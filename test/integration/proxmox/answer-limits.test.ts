import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createProxmoxClient, endpoints, isCut, type ProxmoxClient } from '../../../src/proxmox/index.ts';
import { maskValue } from '../../../src/text/mask.ts';
import { type HttpsApi, startHttpsApi } from '../../support/https-api.ts';
import { startLab } from '../../support/lab.ts';
import { requestsOf } from '../../support/odd-values.ts';
import { processorTimeOf } from '../../support/processor-time.ts';
import { storyOf } from '../../support/story.ts';

let body = '';
let api: HttpsApi;
let client: ProxmoxClient;
beforeAll(async () => {
  api = await startHttpsApi((_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync(body));
  });
  client = createProxmoxClient({
    urls: [api.url],
    credentials: { token: 'a@pam!b=12345678-90ab-cdef-1234-567890abcdef' },
    tls: { ca: api.caPem },
    timeoutMs: 60_000,
  });
});
afterAll(async () => {
  client.close();
  await api.close();
});

const listOf = (row: string, count: number) => `[${Array(count).fill(row).join(',')}]`;
const guest = { node: 'pve1', vmid: 101 };

// Some 0.5 s each on an idle machine; before there were limits these took from 9 s to longer than anybody waited.
test.each([
  {
    name: '4 MB of interfaces as an agent tells them',
    data: `{"result":${listOf('{"name":{},"ip-addresses":[{"prefix":"x"},null],"x":"yyyyyyyyyyyyyy"}', 60_000)}}`,
    ask: () => client.get(endpoints.qemu.interfaces, guest),
  },
  {
    name: '16 KB that unfold to five million guests',
    data: listOf('{}', 5_500_000),
    ask: () => client.get(endpoints.cluster.resources),
  },
  {
    name: '16 KB that unfold to five million tasks',
    data: listOf('{}', 5_500_000),
    ask: () => client.get(endpoints.tasks.ofNode, { node: 'pve1' }),
  },
])('$name are refused before they are taken apart', async ({ data, ask }) => {
  body = `{"data":${data}}`;
  const took = await processorTimeOf(() =>
    expect(ask()).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringMatching(
        /^The answer to GET \S+ (is larger than|holds more than) \d+ (MiB|values)$/,
      ),
    }),
  );
  expect(took).toBeLessThan(15_000);
});

test('rows beyond the limit are not read, and the list is known to be cut', async () => {
  body = `{"data":${listOf('{"type":"sdn"}', 150_000)}}`;
  const rows = await client.get(endpoints.cluster.resources);
  expect(rows).toHaveLength(100_000);
  expect(isCut(rows)).toBe(true);
  expect(client.takeWarnings()[0]?.reason).toBe('only the first 100000 of 150000 rows were read');
});

// Kills: a stack that overflows while an answer is sealed.
test.each([
  '{"a":',
  '[',
])('what is nested a hundred thousand times costs its own part alone: %s', async open => {
  const deep = `${open.repeat(100_000)}1${(open === '[' ? ']' : '}').repeat(100_000)}`;
  body = `{"data":{"keyboard":"de","next":${deep}}}`;
  const run = client.run({ seal: data => maskValue('', data, () => '(sealed)') });
  expect(await run.get(endpoints.cluster.options)).toMatchObject({ keyboard: 'de' });
  expect(run.takeWarnings().map(({ reason }) => reason)).toEqual(['next: nested deeper than 16 levels']);
});

// Kills: an answer of one text looked through anew with each of its pieces, and a pattern that such a text exhausts the stack of.
test('one text as long as an answer may be costs its own row alone, and is looked through once', async () => {
  const long = `{"type":"node","node":"pve2","id":"${'x'.repeat(18_000_000)}"}`;
  const run = client.run({ seal: data => maskValue('', data, () => '(sealed)') });
  const looks = vi.spyOn(Buffer.prototype, 'indexOf');
  try {
    body = `{"data":[${long.replaceAll(',', ' ')}]}`;
    await expect(run.get(endpoints.cluster.resources)).rejects.toMatchObject({ kind: 'bad-answer' });
    // Gunzip gives pieces of 16 KiB.
    expect(looks.mock.calls.length).toBeLessThan((2 * body.length) / 16_384);
  } finally {
    looks.mockRestore();
  }
  body = `{"data":[${long},{"type":"node","node":"pve1","id":"node/pve1"}]}`;
  expect(await run.get(endpoints.cluster.resources)).toMatchObject([{ node: 'pve2' }, { node: 'pve1' }]);
});

test('all that a large cluster has fits', async () => {
  const numbers = {
    cpu: 0.1,
    maxcpu: 2,
    mem: 1e9,
    maxmem: 2e9,
    disk: 0,
    maxdisk: 3e9,
    uptime: 241,
    netin: 1,
  };
  const rows = Array.from({ length: 10_000 }, (_, at) => {
    const vmid = 100 + at;
    return {
      id: `qemu/${vmid}`,
      type: 'qemu',
      vmid,
      node: `pve${at % 32}`,
      name: `vm-${vmid}`,
      status: 'running',
      ...numbers,
    };
  });
  body = JSON.stringify({ data: rows });
  expect(await client.get(endpoints.cluster.resources)).toHaveLength(10_000);
  const upid = 'UPID:pve1:0000057B:000500C7:6B00E8C2:qmcreate:108:root@pam:';
  body = JSON.stringify({
    data: rows.map(() => ({ upid, status: 'OK', starttime: 1, endtime: 2, user: 'root@pam' })),
  });
  expect(await client.get(endpoints.tasks.ofNode, { node: 'pve1' })).toHaveLength(10_000);
  expect(client.takeWarnings()).toEqual([]);
});

// What a limit cut off is not gone.
test.each([
  [
    'a configuration',
    '/nodes/{node}/qemu/{vmid}/pending',
    (at: number) => ({ key: `args${at}`, value: 'x' }),
  ],
  [
    'a list of snapshots',
    '/nodes/{node}/qemu/{vmid}/snapshot',
    (at: number) => ({ name: `s${at}`, snaptime: 1 }),
  ],
] as const)('%s longer than it may be deletes nothing', async (_, endpoint, row) => {
  const lab = await startLab({ guests: 8 });
  try {
    await lab.discover({ deep: true });
    const story = storyOf(lab);
    await story();
    lab.sim.faults.add({
      match: requestsOf(endpoint),
      kind: 'alter',
      alter: (rows: unknown[]) => [...Array.from({ length: 2_000 }, (_, at) => row(at)), ...rows],
    });
    const run = await lab.discover({ deep: true });
    expect(run.warnings.join('\n')).toMatch(/only the first 2000 of \d+ rows were read/);
    expect((await story()).filter(line => /-> null|gone|deleted/.test(line))).toEqual([]);
    lab.sim.faults.clear();
  } finally {
    await lab.close();
  }
});
