import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createProxmoxClient,
  endpoints,
  type ProxmoxClient,
  ProxmoxError,
} from '../../../src/proxmox/index.ts';
import { createSimulator, type FaultKind, type Simulator } from '../../../src/simulator/index.ts';

let simulator: Simulator;
let url: string;
let client: ProxmoxClient;

beforeAll(async () => {
  simulator = await createSimulator({ guests: 30 });
  ({ url } = await simulator.start());
  client = connect(simulator.tokens.full);
});
afterEach(() => simulator.faults.clear());
afterAll(async () => {
  client.close();
  await simulator.stop();
});

function connect(token: string, options: object = {}): ProxmoxClient {
  return createProxmoxClient({
    urls: [url],
    credentials: { token },
    tls: { ca: simulator.caPem },
    ...options,
  });
}

describe('against a simulated cluster', () => {
  it('every endpoint answers in the shape declared', async () => {
    const guests = await client.get(endpoints.cluster.resources, undefined, { type: 'vm' });
    const vm = guests.find(guest => guest.type === 'qemu' && guest.status === 'running')!;
    const container = guests.find(guest => guest.type === 'lxc' && guest.status === 'running')!;
    const node = vm.node!;
    const ofVm = { node, vmid: vm.vmid! };
    const ofContainer = { node: container.node!, vmid: container.vmid! };
    const { storage } = (await client.get(endpoints.storage.ofNode, { node })).find(row => row.active)!;
    const [task] = await client.get(
      endpoints.tasks.ofNode,
      { node },
      { limit: 1, source: 'all', errors: false },
    );

    await client.get(endpoints.access.version);
    await client.get(endpoints.access.permissions, undefined, { path: '/vms' });
    for (const list of [
      endpoints.cluster.status,
      endpoints.cluster.log,
      endpoints.cluster.haResources,
      endpoints.cluster.haStatus,
      endpoints.cluster.backupJobs,
      endpoints.cluster.pools,
      endpoints.storage.definitions,
    ]) {
      expect(Array.isArray(await client.get(list as typeof endpoints.storage.definitions)), list.path).toBe(
        true,
      );
    }
    await client.get(endpoints.cluster.options);
    for (const ofNode of Object.values(endpoints.nodes))
      await client.get(ofNode as typeof endpoints.nodes.status, { node });
    await client.get(endpoints.storage.status, { node, storage });
    await client.get(endpoints.storage.content, { node, storage });
    for (const one of ['config', 'pending', 'status', 'snapshots'] as const) {
      await client.get(endpoints.qemu[one] as typeof endpoints.qemu.config, ofVm);
      await client.get(endpoints.lxc[one] as typeof endpoints.lxc.config, ofContainer);
    }
    await client.get(endpoints.lxc.interfaces, ofContainer);
    if (task !== undefined) {
      expect(
        (await client.getPage(endpoints.tasks.log, { node, upid: task.upid }, { limit: 0 })).total,
      ).toBeGreaterThan(0);
    }
    expect(client.takeWarnings()).toEqual([]);
  });

  it.each<FaultKind>([
    'html',
    'truncate',
    'nulldata',
    'redirect',
    'huge',
    'status',
  ])('a %s answer is a typed error', async kind => {
    simulator.faults.add({ match: '/storage', kind });
    const limited = connect(simulator.tokens.full, { maxBytes: 1024 * 1024 });
    const error = await limited.get(endpoints.storage.definitions).catch((thrown: unknown) => thrown);
    limited.close();
    expect(error).toBeInstanceOf(ProxmoxError);
    expect((error as ProxmoxError).path).toBe('/storage');
  });

  it('wrong types are survived or refused, never passed on', async () => {
    simulator.faults.add({ match: '/storage', kind: 'wrong-types' });
    const result = await client.get(endpoints.storage.definitions).catch((thrown: unknown) => thrown);
    if (result instanceof ProxmoxError) expect(result.kind).toBe('bad-answer');
    else for (const row of result as { storage: unknown }[]) expect(typeof row.storage).toBe('string');
    client.takeWarnings();
  });

  it('a connection cut as the request was sent costs nothing but a repeat', async () => {
    await client.get(endpoints.storage.definitions);
    simulator.faults.add({ match: '/storage', kind: 'reset', times: 1 });
    expect((await client.get(endpoints.storage.definitions)).length).toBe(5);
  });

  it('a token without rights is answered with nothing, a wrong one is refused', async () => {
    const powerless = connect(simulator.tokens.none);
    expect(await powerless.get(endpoints.access.permissions)).toEqual({});
    expect(
      await powerless
        .get(endpoints.nodes.status, { node: 'pve1' })
        .catch((error: ProxmoxError) => error.kind),
    ).toBe('forbidden');
    powerless.close();
    const wrong = connect('root@pam!mcp=nonsense');
    expect(await wrong.get(endpoints.access.version).catch((error: ProxmoxError) => error.kind)).toBe(
      'unauthorized',
    );
    wrong.close();
  });

  it('a user logs in with a password, one with a second factor is told to use a token', async () => {
    const user = connect('', { credentials: simulator.users.root });
    expect(await user.get(endpoints.access.version)).toMatchObject({ version: expect.any(String) });
    user.close();
    const { username, password } = simulator.users.tfa;
    const second = connect('', { credentials: { username, password } });
    const error = await second.get(endpoints.access.version).catch((thrown: ProxmoxError) => thrown);
    second.close();
    expect(error).toMatchObject({ kind: 'unauthorized', hint: expect.stringContaining('API token') });
  });
});
