import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readingPorts } from '../src/app/apply-ports.ts';
import { connectForWriting } from '../src/apply/connect.ts';
import { createApplier } from '../src/apply/index.ts';
import { openStore } from '../src/database/index.ts';
import { createDiscovery } from '../src/discovery/index.ts';
import { noLog } from '../src/log.ts';
import { createToolRunner } from '../src/mcp/runner/tool-runner.ts';
import { createProxmoxClient, endpoints } from '../src/proxmox/index.ts';
import { createProxmoxWriter, type Operation } from '../src/proxmox/operations/index.ts';
import { createSimulator } from '../src/simulator/index.ts';
import { tools } from '../tools/index.ts';
import type { Benchmark } from './support/report.ts';
import { median } from './support/stats.ts';

const GUESTS = 25;
const RIGHTS = [{ path: '/', privs: ['VM.Config.Memory', 'VM.Config.Options'] }];

/** A plan of 25 guests from its call to the last state in history, beside the same writes sent one after the other and nothing else. */
export const apply: Benchmark = {
  name: 'apply',
  title: 'Carrying out a plan',
  async run({ full }) {
    const lab = await start();
    try {
      const rounds = full ? 12 : 4;
      const bare: number[] = [];
      const applied: number[] = [];
      const requests: number[] = [];
      for (let round = 0; round < rounds; round++) {
        bare.push(await lab.sendBare(1024 + 2 * round));
        const plan = await lab.plan(1025 + 2 * round);
        const { ms, count } = await lab.apply(plan);
        applied.push(ms);
        requests.push(count);
      }
      const times = round1(median(applied) / median(bare));
      const each = round1(median(requests) / GUESTS);
      return {
        tables: [
          {
            title: `${GUESTS} guests, one write each (ms)`,
            columns: ['what', 'p50', 'times the floor', 'requests a guest'],
            rows: [
              ['floor: the writes alone, one after the other', round1(median(bare)), 1, 1],
              [
                'a plan: read, recorded, written, waited for, read again, in history',
                round1(median(applied)),
                times,
                each,
              ],
            ],
            note: 'Requests include those that the inventory, the tasks and the configurations are read with for history.',
          },
        ],
        checks: [
          { what: `plan of ${GUESTS} guests, times the bare writes`, value: times, target: 5, unit: '' },
        ],
      };
    } finally {
      await lab.close();
    }
  },
};

async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'mpc-bench-apply-'));
  const sim = await createSimulator({ nodes: 3, guests: 0 });
  const { url } = await sim.start();
  for (let vmid = 100; vmid < 100 + GUESTS; vmid++)
    sim.world.placeGuest({
      vmid,
      type: 'qemu',
      config: { name: `web${vmid}`, memory: '512', cores: 1 },
      running: false,
    });
  const token = sim.world.addToken('mcp@pve!write', RIGHTS);
  const tls = { ca: sim.caPem };
  const now = () => sim.clock.now();
  const store = await openStore({
    url: `file:${join(folder, 'store.db')}`,
    autoMigrate: true,
    packageRoot: fileURLToPath(new URL('..', import.meta.url)),
    now,
    log: noLog,
  });
  const client = createProxmoxClient({ urls: [url], credentials: { token: sim.tokens.full }, tls, now });
  const discovery = createDiscovery({ store, client, log: noLog, configMaxAgeMs: 300_000, now });
  const runner = createToolRunner({
    open: async () => ({ store, discovery }),
    tools,
    maxAgeMs: 30_000,
    timeZone: 'UTC',
    now,
    log: noLog,
  });
  const applier = createApplier({
    ...readingPorts({ store, client, discovery, now }),
    store,
    connect: () => connectForWriting(client, { token, tls }),
    permit: async () => [],
    wait: ms => delay(ms),
    log: noLog,
  });
  const writer = createProxmoxWriter({ url, token, tls });
  let sent = 0;

  return {
    async sendBare(memory: number): Promise<number> {
      const operations: Operation[] = [];
      for (let vmid = 100; vmid < 100 + GUESTS; vmid++) {
        const node = sim.truth.state().guests[`vm/${vmid}`]!.node;
        const { digest } = await client.get(endpoints.qemu.config, { node, vmid });
        const guest = { type: 'vm', vmid, node } as const;
        operations.push({
          kind: 'config',
          guest,
          set: { memory: String(memory) },
          remove: [],
          digest: String(digest),
        });
      }
      const started = performance.now();
      for (const operation of operations) await writer.send(String(sent++), operation);
      return performance.now() - started;
    },
    async plan(memory: number): Promise<string> {
      sim.clock.advance(60_000);
      const result = await runner.run('plan_changes', { type: 'vm', set: [`memory=${memory}`] });
      const made = result.structuredContent as { plan: string; total: number };
      if (made.total !== GUESTS) throw new Error(`planned ${made.total} steps`);
      return made.plan;
    },
    async apply(plan: string): Promise<{ ms: number; count: number }> {
      sim.requests.reset();
      const approval = async () => ({ by: 'bench', how: 'host' as const });
      const started = performance.now();
      const { outcome } = await applier.apply({ plan, asker: 'bench', why: null, approval });
      const ms = performance.now() - started;
      if (outcome !== 'done') throw new Error(`the plan ended ${outcome}`);
      return { ms, count: sim.requests.list.length };
    },
    async close(): Promise<void> {
      writer.close();
      await applier.close();
      await discovery.close();
      client.close();
      await store.close();
      await sim.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
