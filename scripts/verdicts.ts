/**
 * `npm run verdicts`: lets a small simulated cluster live, and writes the decisions of each facet into test/golden, one file per
 * facet and one case per line. A diff of these files shows the effect of a change in a decide.ts: read it before keeping it.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openStore } from '../src/database/index.ts';
import { FACET_STEPS } from '../src/discovery/facets.ts';
import { createDiscovery } from '../src/discovery/index.ts';
import { inventoryStages } from '../src/discovery/inventory/run.ts';
import { noLog } from '../src/log.ts';
import { FACETS } from '../src/model/facet.ts';
import { createProxmoxClient } from '../src/proxmox/index.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { encodePlain } from '../test/support/plain-values.ts';

const root = resolve(import.meta.dirname, '..');
const golden = join(root, 'test', 'golden');
const [WEB, DB, BOX, LATE] = [101, 102, 200, 103];

/** What happens before each discovery. */
const LIFE: [name: string, happens: (sim: Simulator) => void][] = [
  ['first sight', () => {}],
  ['nothing happened', () => {}],
  ['a VM was shut down from inside', ({ world }) => world.shutdownInside(WEB)],
  ['a VM was started, and renamed', ({ world }) => [world.start(WEB), world.rename(WEB, 'www')]],
  ['a configuration and tags were edited', edit],
  ['a snapshot and a backup were made', ({ world }) => [world.snapshot(DB, 'before'), world.backup(BOX)]],
  [
    'a VM was created',
    ({ world }) => world.createGuest({ vmid: LATE, name: 'late', node: 'pve2', start: true }),
  ],
  ['a VM moved, and an agent fell silent', move],
  [
    'one storage listing failed',
    ({ faults }) => faults.add({ match: '/nodes/pve2/storage', kind: 'status', status: 500 }),
  ],
  ['a VMID was used again', reuse],
  ['a node went down', ({ world }) => world.nodeDown('pve3')],
  ['quorum was lost', ({ world }) => world.quorumLoss()],
  ['all nodes were back', back],
  ['a storage was disabled, another one removed', storages],
  ['a backup job was edited, a pool made, a rule removed', settings],
  ['a guest was destroyed', ({ world }) => world.deleteGuest(BOX)],
];

function edit({ world }: Simulator): void {
  world.editConfig(DB, { memory: 4096 });
  world.setTags(WEB, ['blue', 'prod']);
}

function move({ world }: Simulator): void {
  world.migrate(LATE, 'pve3');
  world.setAgentAnswers(DB, false);
}

function reuse({ world, faults }: Simulator): void {
  faults.clear();
  world.reuseVmid(LATE, { name: 'other' });
}

function back({ world }: Simulator): void {
  world.quorumLoss(false);
  world.nodeUp('pve3');
}

function storages({ world }: Simulator): void {
  world.setStorageDisabled('nas', true);
  world.editStorage('local', { content: ['iso'] });
}

function settings({ world }: Simulator): void {
  world.setBackupJobs([
    { id: 'nightly', enabled: 1, schedule: '01:00', storage: 'nas', mode: 'snapshot', vmid: '101,102' },
  ]);
  world.setPoolComment('new', 'made late');
  world.setHa(WEB, 'started');
  world.setHaRules([]);
}

interface Stage {
  decide(observed: unknown): unknown;
}

/** The cases of each stage so far, as lines; each decision from now on adds one. */
function recordAll(name: () => string): Map<string, string[]> {
  const cases = new Map<string, string[]>();
  const record = (file: string, stage: Stage) => {
    const { decide } = stage;
    cases.set(file, cases.get(file) ?? []);
    stage.decide = observed => {
      const given = JSON.stringify(encodePlain(observed));
      const decided = decide(observed);
      const line = `{"case":${JSON.stringify(name())},"observed":${given},"decided":${JSON.stringify(encodePlain(decided))}}`;
      cases.get(file)!.push(line);
      return decided;
    };
  };
  record('inventory', inventoryStages as Stage);
  for (const [facet, [step]] of Object.entries(FACET_STEPS)) record(facet, step!.stages as Stage);
  return cases;
}

const folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-verdicts-'));
const sim = await createSimulator({ nodes: 3, guests: 0, seed: 7 });
for (const [vmid, name, node] of [
  [WEB, 'web', 'pve1'],
  [DB, 'db', 'pve2'],
] as const)
  sim.world.createGuest({ vmid, name, node, start: true, config: { agent: '1' } });
sim.world.createGuest({ type: 'lxc', vmid: BOX, name: 'box', node: 'pve3', start: true });
// Removes differences between runs: certificates, which are real ones, and (concurrency 1) the order of answers.
sim.faults.add({
  match: /\/certificates\/info$/,
  kind: 'alter',
  alter: (rows: { notafter: number }[]) =>
    rows.map((row, i) => ({ ...row, notafter: Date.UTC(2030, i) / 1000 })),
});
sim.clock.advance(86_400_000);
const { url } = await sim.start();
const now = () => sim.clock.now();
const store = await openStore({
  ...{ url: `file:${join(folder, 'store.db')}`, autoMigrate: true, packageRoot: root, now, log: noLog },
});
const client = createProxmoxClient({
  ...{ urls: [url], credentials: { token: sim.tokens.full }, tls: { ca: sim.caPem }, concurrency: 1, now },
});
const discovery = createDiscovery({ store, client, log: noLog, configMaxAgeMs: 300_000, now });
let at = '';
const recorded = recordAll(() => at);
for (const [name, happens] of LIFE) {
  at = name;
  happens(sim);
  sim.clock.advance(120_000);
  await discovery.discover({ facets: new Set(FACETS), deep: true, guests: new Set() });
}
await discovery.close();
client.close();
await store.close();
await sim.stop();
await rm(folder, { recursive: true });
await mkdir(golden, { recursive: true });
for (const [facet, lines] of recorded)
  await writeFile(join(golden, `${facet}.json`), `[\n${lines.join(',\n')}\n]\n`);
