import { readingPorts } from '../../src/app/apply-ports.ts';
import { type ApplyPorts, createApplier } from '../../src/apply/index.ts';
import { noLog } from '../../src/log.ts';
import type { Applier, ApplyRequest, ApplyResult } from '../../src/model/applying.ts';
import { createProxmoxWriter } from '../../src/proxmox/operations/index.ts';
import { type Lab, type LabOptions, startLab, WRITE_RIGHTS } from './lab.ts';
import { recorded } from './recorded-writes.ts';
import { placeRecorded, WRITE_TOKEN } from './write-cluster.ts';

export { WRITE_TOKEN };

/** A lab with guests as they were recorded, and what carries plans out on it. */
export interface ApplyLab extends Lab {
  applier: Applier;
  /** What carrying out works with here. */
  ports(): ApplyPorts;
  /** Another process's: on the same store and cluster. */
  another(ports?: Partial<ApplyPorts>): Applier;
  /** Plans, and gives the plan's id. */
  plan(args: object): Promise<string>;
  /** Carries a plan out, approved. */
  apply(plan: string, more?: Partial<ApplyRequest>): Promise<ApplyResult>;
  /** Places the guests anew, and lets the store see them. */
  place(): Promise<void>;
  /** Run just before a write goes out, by its number in this round; and just after it was answered. */
  hooks: { before?: (n: number) => unknown; after?: (n: number) => unknown };
  /** Writes that the cluster was sent since the guests were placed. */
  writes(): { method: string; path: string; status: number }[];
}

/** A guest as it was recorded, under a VMID of its own. */
export function guestLike(resource: string, vmid: number, more: object = {}) {
  const config = { ...recorded.guests[resource], ...more } as (typeof recorded.guests)[string];
  const unique = (text: string) => text.replaceAll(/([0-9a-f]{8})-/g, `${String(vmid).padStart(8, '0')}-`);
  for (const key of ['smbios1', 'vmgenid']) config[key] = unique(String(config[key]));
  return config;
}

/** Starts it; `ports` replaces parts of what carrying out works with. */
export async function startApplyLab({
  ports = {},
  ...options
}: LabOptions & { ports?: Partial<ApplyPorts> } = {}): Promise<ApplyLab> {
  const lab = (await startLab({ nodes: 3, guests: 0, ...options })) as ApplyLab;
  const { sim } = lab;
  const token = sim.world.addToken(WRITE_TOKEN, WRITE_RIGHTS);
  const secret = token.split('=')[1]!;
  let sent = 0;
  lab.hooks = {};
  const now = () => sim.clock.now() + lab.skew;
  const portsOf = (): ApplyPorts => ({
    ...readingPorts({ store: lab.store, client: lab.client, discovery: lab.discovery, now }),
    store: lab.store,
    connect: () => {
      const writer = createProxmoxWriter({ url: lab.url, token, tls: { ca: sim.caPem }, timeoutMs: 3_000 });
      const send: typeof writer.send = async (id, operation) => {
        const n = ++sent;
        // As it does anywhere, time passes between a look and a write.
        sim.clock.advance(1_000);
        await lab.hooks.before?.(n);
        const outcome = await writer.send(id, operation);
        await lab.hooks.after?.(n);
        return outcome;
      };
      return { reader: lab.client.run(), writer: { ...writer, send }, close: () => writer.close() };
    },
    permit: async () => [],
    wait: async ms => sim.clock.advance(ms),
    log: noLog,
    ...ports,
  });
  lab.ports = portsOf;
  const closeLab = lab.close;
  const others: Applier[] = [];
  lab.another = more => {
    const applier = createApplier({ ...portsOf(), ...more });
    others.push(applier);
    return applier;
  };
  lab.applier = lab.another();
  lab.plan = async args => {
    const { plan, left_out: left, hint } = await lab.call('plan_changes', args);
    if (plan === undefined) throw new Error(`nothing planned: ${JSON.stringify({ left, hint })}`);
    return plan;
  };
  lab.apply = (plan, more) =>
    lab.applier.apply({
      plan,
      asker: 'tester of 1000@desk',
      why: 'a test',
      approval: async () => ({ by: 'alice', how: 'terminal' }),
      ...more,
    });
  lab.place = async () => {
    sim.faults.clear();
    lab.hooks = {};
    lab.skew = 0;
    sent = 0;
    sim.world.quorumLoss(false);
    for (const node of ['pve1', 'pve2', 'pve3']) sim.world.nodeUp(node);
    sim.world.addToken(WRITE_TOKEN, WRITE_RIGHTS, secret);
    placeRecorded(sim, { 'vm/100': false, 'vm/101': true, 'container/201': true });
    sim.clock.advance(40_000);
    await lab.discover({ facets: ['inventory', 'config', 'tasks'], deep: true });
    sim.requests.reset();
  };
  lab.writes = () => sim.requests.list.filter(({ method }) => method !== 'GET');
  lab.close = async () => {
    await Promise.all(others.map(one => one.close()));
    await closeLab();
  };
  await lab.place();
  return lab;
}

/** The lab's store with some methods replaced. */
export function storeWith(lab: Lab, methods: Partial<ApplyPorts['store']>): ApplyPorts['store'] {
  return new Proxy(lab.store as ApplyPorts['store'], {
    get(store, name) {
      const own = Reflect.get(methods, name) ?? Reflect.get(store, name);
      return typeof own === 'function' ? own.bind(store) : own;
    },
  });
}
