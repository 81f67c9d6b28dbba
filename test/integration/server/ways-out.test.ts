import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prompts } from '../../../prompts/index.ts';
import { resources } from '../../../resources/index.ts';
import { createLog } from '../../../src/log.ts';
import { createMcpServer } from '../../../src/mcp/server/server.ts';
import { type Lab, startLab } from '../../support/lab.ts';

/* What the protocol says besides answers of tools: completions, lists, errors, prompts, the log. */

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
const ALL = Array.from({ length: 0xe1000 }, (_, code) => code)
  .filter(code => code < 0xd800 || code > 0xdfff)
  .map(code => String.fromCodePoint(code))
  .filter(character => UNSEEN.test(character));
/** Some of each kind in every name: all of them, over all names. */
const GUESTS = 35;
const NAMES = Array.from({ length: GUESTS }, (_, n) =>
  ALL.filter((_, at) => at % GUESTS === n)
    .map(character => `w${character}`)
    .join(''),
);

let lab: Lab;
let client: Client;
const logged: string[] = [];

beforeAll(async () => {
  lab = await startLab({ guests: 2 * GUESTS });
  for (const [at, name] of NAMES.entries()) {
    lab.sim.world.rename(101 + at, name);
    lab.sim.world.setTags(101 + at, [name]);
  }
  lab.sim.world.start(109, { fail: NAMES.join('').slice(0, 2_000), user: 'eve@pve' });
  await lab.discover({ deep: true });
  const server = createMcpServer({
    runner: lab.runner,
    resources,
    prompts,
    version: '0.0.0',
    timeZone: 'UTC',
    log: createLog('debug', line => logged.push(line)),
  });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  client = new Client({ name: 'a-host', version: '1' });
  await Promise.all([server.connect(ours), client.connect(theirs)]);
});
afterAll(async () => {
  await client.close();
  await lab.close();
});

/** Every string in a value, keys too; a text that is JSON as what it holds. */
function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return /^[[{]/.test(value) ? stringsOf(JSON.parse(value)) : [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]) => [key, ...stringsOf(child)]);
}

function expectClean(value: unknown, atMost = 20_000): void {
  for (const text of stringsOf(value)) {
    const found = [...text.replaceAll('\n', '')].filter(character => UNSEEN.test(character));
    expect(found.map(character => character.codePointAt(0)!.toString(16))).toEqual([]);
    expect(text.length).toBeLessThanOrEqual(atMost);
  }
}

test('completions offer only what can be typed', async () => {
  let offered = 0;
  for (const { uri } of resources)
    for (const [, name = ''] of uri.matchAll(/\{(\w+)\}/g))
      for (const value of ['', 'w', '1', 'vm', NAMES[0]!]) {
        const { completion } = await client.complete({
          ref: { type: 'ref/resource', uri },
          argument: { name, value },
        });
        offered += completion.values.length;
        expectClean(completion, 400);
      }
  for (const { name, arguments: all } of prompts)
    for (const argument of all)
      for (const value of ['', 'w', NAMES[1]!]) {
        const ref = { type: 'ref/prompt' as const, name };
        const { completion } = await client.complete({ ref, argument: { name: argument.name, value } });
        offered += completion.values.length;
        expectClean(completion, 400);
      }
  expect(offered).toBeGreaterThan(30);
});

test('lists, resources and prompts are clean, whatever names hold', async () => {
  expectClean(await client.listResources());
  expectClean(await client.listTools());
  for (const { uri } of resources.filter(one => !one.uri.includes('{')))
    expectClean(
      (await client.readResource({ uri })).contents.map(content => ('text' in content ? content.text : '')),
    );
  for (const name of NAMES)
    for (const prompt of prompts) {
      const values = Object.fromEntries(prompt.arguments.map(argument => [argument.name, name]));
      const got = await client
        .getPrompt({ name: prompt.name, arguments: values })
        .catch(error => error.message);
      expectClean(got, 5_000);
    }
});

test('errors are clean, whatever a name holds', async () => {
  for (const name of NAMES) {
    const written = encodeURIComponent(name);
    const uris = [
      `proxmox://${written}`,
      ...resources.filter(one => one.uri.includes('{')).map(one => one.uri.replace(/\{\w+\}/g, written)),
    ];
    for (const uri of uris) {
      const told = await client.readResource({ uri }).then(
        read => read.contents.map(content => ('text' in content ? content.text : '')),
        error => String(error.message),
      );
      expectClean(told, 4_000);
    }
    for (const [tool, args] of [
      ['get_resource', { resource: name }],
      ['find_resources', { query: name }],
      ['list_vms', { [name]: 1 }],
      ['diff_state', { from: name }],
      ['get_task', { upid: name }],
      [name, {}],
    ] as [string, object][]) {
      const told = await client
        .callTool({ name: tool, arguments: { ...args } })
        .catch(error => String(error.message));
      expectClean(told);
    }
  }
  expectClean(logged, 10_000);
});
