import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { NodeClocks } from '../../../src/discovery/common/node-clocks.ts';
import { ourTime } from '../../../src/model/time.ts';
import { createProxmoxClient, type ProxmoxClient } from '../../../src/proxmox/index.ts';
import { type Handler, type HttpsApi, sendData, sendError, startHttpsApi } from '../../support/https-api.ts';

const NOW = 1_700_000_000_000;
const ASKED_EVERY = 300_000;
let api: HttpsApi;
let client: ProxmoxClient;
let answer: Handler;
let now: number;
let clocks: NodeClocks;
beforeAll(async () => {
  api = await startHttpsApi((...args) => answer(...args));
});
afterAll(() => api.close());
beforeEach(() => {
  api.requests.length = 0;
  now = NOW;
  clocks = new NodeClocks();
  client = createProxmoxClient({
    urls: [api.url],
    credentials: { token: 'root@pam!mpc=hidden' },
    tls: { ca: api.caPem },
  });
});
afterEach(() => client.close());

/** Nodes tell times that are so many seconds ahead of ours. */
const tell = (seconds: number) => {
  answer = (_, response) => sendData(response, { time: NOW / 1000 + seconds, localtime: 0, timezone: 'UTC' });
};
/** Asks these nodes, where the cluster's clock is ahead of ours (ms), and answers with what there is to warn of. */
const read = (nodes: string[], offset = 0) => {
  return clocks.read({
    ...{ api: client.run(), inventory: { online: new Set(nodes) } },
    ...{ now: () => ourTime(now), clockOffset: () => offset },
  });
};

// A time is told in whole seconds, so it is half a second more on average.
test.each([
  [0, 0, 0],
  [2, 0, 0],
  [3, 0, 3_500],
  [3, 500, 3_000],
  [-3, 0, 0],
  [-4, 0, -3_500],
  [60, 0.4, 60_500],
  [60, 60_000, 0],
])('a node that tells %i s more, where the cluster is %i ms ahead, is %i ms ahead of it', async (told, offset, ahead) => {
  tell(told);
  expect(await read(['pve1'], offset)).toEqual([]);
  expect(clocks.ahead('pve1')).toBe(ahead);
  expect(clocks.ahead('pve2')).toBe(0);
});

test('nodes are asked once in a while, unless what they told is to be forgotten', async () => {
  tell(60);
  await read(['pve1']);
  now += ASKED_EVERY;
  await read(['pve1', 'pve2']);
  const asked = () => api.requests.splice(0).map(({ url }) => url.split('/')[4]);
  expect(asked()).toEqual(['pve1', 'pve2']);
  now += 1;
  await read(['pve1', 'pve2']);
  expect(asked()).toEqual(['pve1']);
  clocks.forget();
  expect(clocks.ahead('pve1')).toBe(0);
  await read(['pve1', 'pve2']);
  expect(asked().sort()).toEqual(['pve1', 'pve2']);
});

test.each([
  ['may not be asked', 403, 1],
  ['fails', 500, 2],
])('a node that %s (%i) is as far ahead as it was, and asked %i times', async (_, status, times) => {
  tell(60);
  await read(['pve1']);
  now += ASKED_EVERY + 1;
  answer = (_, response) => sendError(response, status, 'no');
  api.requests.length = 0;
  const warnings = [...(await read(['pve1'])), ...(await read(['pve1']))];
  expect(warnings).toEqual(Array(times).fill(expect.stringContaining('clock of node pve1')));
  expect(api.requests).toHaveLength(times);
  expect(clocks.ahead('pve1')).toBe(60_500);
});

// Kills: a clock that was set while a narrower token looked taken for what it was, for minutes after that.
test('who refused to tell is asked again as soon as the rights have changed', async () => {
  tell(60);
  await read(['pve1', 'pve2']);
  now += ASKED_EVERY + 1;
  answer = (request, response) =>
    request.url.includes('pve1')
      ? sendError(response, 403, 'no')
      : sendData(response, { time: NOW / 1000 + 60, localtime: 0, timezone: 'UTC' });
  await read(['pve1', 'pve2']);
  api.requests.length = 0;
  tell(150);
  clocks.askAgain();
  await read(['pve1', 'pve2']);
  expect(api.requests.map(({ url }) => url.split('/')[4])).toEqual(['pve1']);
  expect(clocks.ahead('pve1')).not.toBe(60_500);
});
