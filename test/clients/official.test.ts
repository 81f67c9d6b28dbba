import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../tools/index.ts';
import { WRITE_RIGHTS } from '../support/lab.ts';
import { PROGRAM, ROOT, startWorld, type World } from '../support/program.ts';
import { answerIn, type Result } from '../support/rpc.ts';

/** The second generation of the official client, as it was when this was written; the first one lies in the checkout. */
const SECOND = '@modelcontextprotocol/client@2.4.0';

let home: string;
let world: World;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxmox-mpc-official-'));
  world = await startWorld();
  await promisify(execFile)('npm', [
    'install',
    '--prefix',
    home,
    '--prefer-offline',
    '--ignore-scripts',
    SECOND,
  ]);
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

/** What both generations have, as far as it is used here; one of them is not there when this is compiled. */
interface OfficialClient {
  connect(transport: object): Promise<void>;
  close(): Promise<void>;
  getNegotiatedProtocolVersion(): string;
  getInstructions(): string;
  listTools(): Promise<Result>;
  listPrompts(): Promise<Result>;
  callTool<Tool extends string>(request: { name: Tool; arguments: object }): Promise<Result<Tool>>;
  readResource(request: { uri: string }): Promise<Result>;
  complete(request: object): Promise<{ completion: { values: string[] } }>;
  listen(filter: object): Promise<{ honoredFilter: object }>;
  subscribeResource(request: { uri: string }): Promise<void>;
  setNotificationHandler(of: unknown, hear: (message: { params: { uri: string } }) => void): void;
  setRequestHandler(of: unknown, answer: (message: { params: { message: string } }) => object): void;
}

interface Module {
  Client: new (info: object, options: object) => OfficialClient;
  StdioClientTransport: new (options: object) => object;
  ResourceUpdatedNotificationSchema: unknown;
}

const module = (path: string): Promise<Module> =>
  import(join(path.startsWith('sdk/') ? ROOT : home, 'node_modules/@modelcontextprotocol', path));

/** A connected client of a generation, with a way to hear of what was updated. */
async function connect(generation: 1 | 2, options: object, more: NodeJS.ProcessEnv = {}) {
  const folder = generation === 1 ? 'sdk/dist/esm/client' : 'client/dist';
  const [{ Client }, { StdioClientTransport }] = await Promise.all([
    module(`${folder}/index.${generation === 1 ? 'js' : 'mjs'}`),
    module(`${folder}/stdio.${generation === 1 ? 'js' : 'mjs'}`),
  ]);
  const client = new Client({ name: 'official', version: '1' }, options);
  const env = { ...world.env, ...more };
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [PROGRAM, 'serve'], env, stderr: 'ignore' }),
  );
  return client;
}

const GENERATIONS: [name: string, generation: 1 | 2, options: object, version: string | undefined][] = [
  ['v2, pinned to 2026-07-28', 2, { versionNegotiation: { mode: { pin: '2026-07-28' } } }, '2026-07-28'],
  ['v2, choosing by itself', 2, { versionNegotiation: { mode: 'auto' } }, '2026-07-28'],
  ['v2, as it is', 2, {}, '2025-11-25'],
  ['v1', 1, {}, undefined],
];

describe.each(GENERATIONS)('the official client %s', (_, generation, options, version) => {
  let client: OfficialClient;
  beforeAll(async () => {
    client = await connect(generation, options);
  });
  afterAll(() => client.close());

  test('lists, calls, reads, completes and gets prompts', async () => {
    if (version !== undefined) expect(client.getNegotiatedProtocolVersion()).toBe(version);
    expect(client.getInstructions()).toMatch(/Proxmox/);
    const listed = await client.listTools();
    expect(listed.tools.map(tool => tool.name)).toEqual(
      tools.flatMap(tool => (tool.unlisted ? [] : [tool.name])),
    );
    const { structuredContent } = await client.callTool({ name: 'list_vms', arguments: { limit: 3 } });
    expect(structuredContent.vms).toHaveLength(3);
    const { contents } = await client.readResource({ uri: 'proxmox://cluster' });
    expect(answerIn('get_cluster_status', contents[0]!.text).nodes.total).toBe(3);
    const { prompts } = await client.listPrompts();
    expect(prompts.length).toBeGreaterThan(0);
    const ref = { type: 'ref/resource', uri: 'proxmox://nodes/{node}' };
    const { completion } = await client.complete({ ref, argument: { name: 'node', value: '' } });
    expect(completion.values).toEqual(['pve1', 'pve2', 'pve3']);
    await expect(client.readResource({ uri: 'proxmox://vms/999999' })).rejects.toMatchObject({
      // The second generation gives its caller the new number in either era.
      code: generation === 1 ? -32002 : -32602,
    });
  });

  test('hears of a change to what it watches', async () => {
    const heard: string[] = [];
    const hear = ({ params }: { params: { uri: string } }) => void heard.push(params.uri);
    if (generation === 2) client.setNotificationHandler('notifications/resources/updated', hear);
    else {
      const { ResourceUpdatedNotificationSchema } = await module('sdk/dist/esm/types.js');
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, hear);
    }
    const uri = 'proxmox://vms/101';
    if (version === '2026-07-28') {
      const { honoredFilter } = await client.listen({ resourceSubscriptions: [uri] });
      expect(honoredFilter).toEqual({ resourceSubscriptions: [uri] });
    } else await client.subscribeResource({ uri });
    world.sim.world.rename(101, `n${Date.now()}`);
    await client.callTool({ name: 'list_vms', arguments: { max_age_seconds: 0 } });
    await expect.poll(() => heard, { timeout: 10_000 }).toContain(uri);
  });
});

test.each(
  GENERATIONS,
)('the official client %s asks the person before a plan is carried out', async (_, generation, options) => {
  const write = world.sim.world.addToken(`mcp@pve!write${randomUUID()}`, WRITE_RIGHTS);
  const [id, secret] = write.split('=');
  const env = { PROXMOX_WRITE_TOKEN_ID: id, PROXMOX_WRITE_TOKEN_SECRET: secret };
  const client = await connect(generation, { ...options, capabilities: { elicitation: { form: {} } } }, env);
  const shown: string[] = [];
  let action = 'decline';
  const answer = ({ params }: { params: { message: string } }) => {
    shown.push(params.message);
    return { action, ...(action === 'accept' && { content: {} }) };
  };
  if (generation === 1) client.setRequestHandler(ElicitRequestSchema, answer);
  else client.setRequestHandler('elicitation/create', answer);
  const call = <Tool extends string>(name: Tool, args: object) => client.callTool({ name, arguments: args });
  const [guest] = Object.values(world.sim.truth.state().guests).filter(
    one => one.type === 'qemu' && !one.template,
  );
  const { structuredContent: planned } = await call('plan_changes', {
    resource: guest!.vmid,
    set: [`tags+=t-${randomUUID()}`],
  });
  const refused = await call('apply_plan', { plan: planned.plan });
  expect([refused.isError, refused.structuredContent.outcome]).toEqual([true, 'refused']);
  action = 'accept';
  const done = await call('apply_plan', { plan: planned.plan });
  expect([done.structuredContent.outcome, shown.length]).toEqual(['done', 2]);
  await client.close();
});
