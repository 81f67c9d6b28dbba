import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../support/answer.ts';
import { cleanEnv, PROGRAM, startWorld, type World } from '../support/program.ts';
import { callTool } from '../support/rpc.ts';

let world: World;
let client: Client;
let stderr = '';
beforeAll(async () => {
  world = await startWorld({ guests: 0 });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, 'serve', '--demo'],
    env: cleanEnv(world.folder) as { [name: string]: string },
    stderr: 'pipe',
  });
  transport.stderr!.on('data', text => {
    stderr += text;
  });
  client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
});
afterAll(async () => {
  await client.close();
  await world.close();
});

async function call<T extends string>(name: T, args: object = {}): Promise<Answer<T>> {
  return (await callTool(client, name, args)).structuredContent;
}

test('the demo answers from a day that was kept: nothing is played, and the cluster is as the day left it', async () => {
  expect(await call('get_cluster_status')).toMatchObject({
    name: 'demo',
    quorate: true,
    nodes: { total: 3 },
  });
  const look = await call('discover', { deep: true });
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/serves a simulated cluster on stdio$/)]);
  // A look at the beginning and one after each of the day's steps lie in the store; this process has looked twice.
  expect(look.run.id).toBe(52);
  expect(look.counts).toMatchObject({ discovered: 0, created: 0, updated: 0, deleted: 0 });
  expect(look.run.api_calls).toBeLessThan(250);
});

test('the kept day is over by now, and began less than a day ago', async () => {
  const day = await call('diff_state', { from: 'run:1', limit: 200 });
  expect(day.total).toBeGreaterThan(30);
  expect(day.changes.flatMap(change => change.causes).length).toBeGreaterThan(20);
  const moments = day.changes.map(change => Date.parse(change.at));
  expect(Math.max(...moments)).toBeLessThanOrEqual(Date.now());
  expect(Math.min(...moments)).toBeGreaterThan(Date.now() - 86_400_000);
});

test('a task of the kept day is one the cluster knows', async () => {
  const { tasks } = await call('list_tasks', { type: 'start', result: 'ok', limit: 5 });
  expect(tasks.length).toBeGreaterThan(0);
  for (const { upid } of tasks) {
    const read = await call('get_task', { upid, log_lines: 5 });
    expect(read.task.upid).toBe(upid);
    expect(read.log.length).toBeGreaterThan(0);
  }
});
