import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readTasks, taskOf } from '../../../src/discovery/tasks/read.ts';
import { collectLog } from '../../../src/discovery/tasks/read-log.ts';
import type { GuestType } from '../../../src/model/resource.ts';
import { fromNodeTime, type NodeTime, nodeTime } from '../../../src/model/time.ts';
import { createProxmoxClient, type ProxmoxClient } from '../../../src/proxmox/index.ts';
import { type HttpsApi, sendData, startHttpsApi } from '../../support/https-api.ts';

/** The start in a UPID: 2026-11-20 06:00 UTC. */
const START = Date.UTC(2026, 10, 20, 6);
const SECONDS = START / 1000;
const upid = (type: string, id: string, n = 1, user = 'root@pam') =>
  `UPID:pve1:${n.toString(16).padStart(8, '0')}:00000001:${SECONDS.toString(16).toUpperCase()}:${type}:${id}:${user}:`;
const GUESTS = new Map<number, GuestType>([
  [101, 'vm'],
  [200, 'container'],
]);

let api: HttpsApi;
let client: ProxmoxClient;
let rows: object[];
beforeAll(async () => {
  api = await startHttpsApi(({ url }, response) => {
    const query = new URL(url, api.url).searchParams;
    const start = Number(query.get('start') ?? 0);
    const limit = Number(query.get('limit') ?? query.get('max'));
    sendData(response, rows.slice(start, start + limit));
  });
});
afterAll(() => api.close());
beforeEach(() => {
  api.requests.length = 0;
  client = createProxmoxClient({
    urls: [api.url],
    credentials: { token: 'root@pam!mpc=hidden' },
    tls: { ca: api.caPem },
  });
});
afterEach(() => client.close());

const read = async (listed: object[], since: number | null = null, ahead = 0) => {
  rows = listed;
  const ended = (at: NodeTime) => fromNodeTime(at, ahead);
  const { tasks } = await readTasks(client.run(), 'pve1', since === null ? null : nodeTime(since + ahead));
  return tasks.map(one => taskOf(one, { began: ended(one.upid.startedAt), ended }, GUESTS));
};
const one = async (row: object, ahead = 0) => {
  const tasks = await read([{ upid: upid('qmstart', '101'), status: 'OK', ...row }], null, ahead);
  expect(tasks).toHaveLength(1);
  return tasks[0]!;
};

describe('a task', () => {
  // A running row spells its user with the token, a finished one apart.
  test.each([
    { user: 'alice@pve!ci', status: 'RUNNING' },
    { user: 'alice@pve', tokenid: 'ci', status: 'OK' },
  ])('is of one spelling and in the time of the cluster: %j', async row => {
    const name = upid('qmstart', '101', 1, 'alice@pve!ci');
    expect(await one({})).toMatchObject({ tokenId: null, endTime: null });
    expect(await one({ upid: name, ...row, starttime: SECONDS, endtime: SECONDS + 9 }, 5_000)).toMatchObject({
      ...{ upid: name, nodeId: 'pve1', type: 'qmstart', resourceType: 'vm', resourceId: '101' },
      ...{ user: 'alice@pve', tokenId: 'ci', startTime: START - 5_000, endTime: START + 4_000 },
    });
  });

  test.each([
    [{ status: 'OK', endtime: SECONDS }, 'ok', 'OK'],
    [{ status: 'WARNINGS: 2', endtime: SECONDS }, 'warning', 'WARNINGS: 2'],
    [{ status: 'no space', endtime: SECONDS }, 'error', 'no space'],
    [{ status: 'unexpected status', endtime: SECONDS }, 'error', 'unexpected status'],
    [{ status: undefined, endtime: SECONDS }, 'error', 'unknown'],
    [{ status: 'no space' }, 'error', 'no space'],
    [{ status: 'RUNNING' }, 'running', null],
    [{ status: undefined }, 'running', null],
  ])('%j ended or runs', async (row, status, exitStatus) => {
    expect(await one(row)).toMatchObject({ status, exitStatus });
  });

  test.each([
    ['qmstart', '101', 'vm/101'],
    ['vzstart', '200', 'container/200'],
    // Another guest has that VMID now.
    ['qmdestroy', '200', 'vm/200'],
    ['vzdestroy', '101', 'container/101'],
    ['hastop', '101', 'vm/101'],
    ['hastop', '200', 'container/200'],
    ['vzdump', '101', 'vm/101'],
    ['vzdump', '200', 'container/200'],
    // Of a guest that is not known it cannot be told.
    ['vzdump', '999', 'null/null'],
    ['vzdump', '', 'node/pve1'],
    ['imgdel', '101@local', 'node/pve1'],
    ['srvstart', 'x101', 'node/pve1'],
    ['download', '12', 'node/pve1'],
  ])('%s of "%s" is of %s', async (type, id, of) => {
    const { resourceType, resourceId } = await one({ upid: upid(type, id) });
    expect(`${resourceType}/${resourceId}`).toBe(of);
  });
});

describe('the tasks of a node', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ upid: upid('qmstart', '101', n + 1), status: 'OK' }));
  const asked = () => api.requests.map(({ url }) => new URL(url, api.url).search);

  test('are read page by page since a moment, by the clock of the node', async () => {
    expect(await read(many(1_001), START + 999, 5_000)).toHaveLength(1_001);
    const page = (start: number) => `?source=all&limit=500&start=${start}&since=${SECONDS + 5}`;
    expect(asked()).toEqual([0, 500, 1000].map(page));
  });

  test('end with a page that is not full', async () => {
    await read(many(500), START);
    expect(asked()).toHaveLength(2);
  });

  test('are the newest page where nothing is known yet', async () => {
    expect(await read(many(501))).toHaveLength(500);
    expect(asked()).toEqual(['?source=all&limit=500&start=0']);
  });

  test('stand once, and what is no task not at all', async () => {
    const [row] = many(1);
    expect(await read([row!, { upid: 'nonsense' }, { ...row, status: 'no space' }])).toMatchObject([
      { exitStatus: 'no space' },
    ]);
  });
});

test("lines of the cluster's log name a guest that somebody edited, and keep no secret", async () => {
  const said = (msg: string, facts: object = {}) => ({
    msg,
    time: SECONDS,
    uid: 7,
    node: 'pve2',
    user: 'bob@pve',
    ...facts,
  });
  rows = [
    said('update VM 101: -cipassword geheim', { pid: 1374 }),
    said('update container 200: -memory 512', { uid: undefined, id: 'a8', user: undefined }),
    said('snapshot VM 1: too short a number'),
    said('starting task UPID:pve1:00000001:00000001:00000001:qmstart:101:root@pam:'),
    said('end task VM 101: UPID:pve1:00000001:00000001:00000001:qmstart:101:root@pam: OK'),
    said('the update VM 101: is not', { node: undefined }),
    said('2 update VM 101: no'),
    said(`update VM 102: -x ${'y'.repeat(2_000)}`, { uid: undefined, node: undefined }),
  ];
  const { lines } = await collectLog(
    client.run(),
    (node, at) => [fromNodeTime(at, node === 'pve2' ? 2_000 : 0)],
    START,
  );
  expect(lines).toEqual([
    {
      ...{ id: `7:pve2:${SECONDS}`, at: START - 2_000, nodeId: 'pve2', user: 'bob@pve', vmid: 101 },
      message: 'update VM 101: -cipassword (secret)',
      pid: 1374,
    },
    {
      ...{ id: `a8:pve2:${SECONDS}`, at: START - 2_000, nodeId: 'pve2', user: 'unknown', vmid: 200 },
      message: 'update container 200: -memory 512',
      pid: null,
    },
    expect.objectContaining({ message: 'the update VM 101: is not' }),
    {
      ...{ id: `::${SECONDS}`, at: START, nodeId: '', user: 'bob@pve', vmid: 102 },
      message: `update VM 102: -x ${'y'.repeat(2_000)}`.slice(0, 1_000),
      pid: null,
    },
  ]);
  expect(api.requests.map(({ url }) => new URL(url, api.url).search)).toEqual(['?max=500']);
});
