import fc from 'fast-check';
import type { Version } from '../../src/model/change.ts';
import { formatKey } from '../../src/model/resource.ts';
import type { Fault, Simulator, TruthEvent, TruthGuest, World } from '../../src/simulator/index.ts';
import type { BackupJob, HaRule } from '../../src/simulator/types.ts';
import { expectRelated, isMadeAnewUnseen } from './compare-truth.ts';
import type { Lab } from './lab.ts';

/** One thing that happens to the cluster, to the way to it, or to our process. `n` chooses among what there is. */
export type Step =
  | { do: 'mutate'; what: keyof typeof MUTATIONS; n: number; durationMs: number }
  | { do: 'node'; what: 'down' | 'up' | 'freeze' | 'thaw'; n: number }
  | { do: 'rights'; what: keyof typeof RIGHTS }
  | { do: 'quorum'; lost: boolean }
  /** Another process looks, with a token that may see less. */
  | { do: 'other' }
  | { do: 'fault'; fault: Fault }
  | { do: 'advance'; ms: number }
  | { do: 'skew'; ms: number }
  | { do: 'crash'; after: number }
  | { do: 'restart' }
  | { do: 'discover'; facets: number; deep: boolean };

type Mutation = (
  world: World,
  pick: Pick,
  n: number,
  options: { durationMs: number },
  sim: Simulator,
) => unknown;

/** Chooses a vmid of those whose node could do something now. */
type Pick = (wanted?: Parameters<World['find']>[0]) => number;

const USERS = [{ user: 'alice@pve' }, { user: 'root@pam!ci' }];

const MUTATIONS = {
  start: (world, pick, _, options) => world.start(pick({ status: 'stopped', template: false }), options),
  stop: (world, pick, _, options) => world.stop(pick({ status: 'running' }), options),
  shutdownInside: (world, pick) => world.shutdownInside(pick({ status: 'running' })),
  restart: (world, pick, _, options) => world.restart(pick({ status: 'running' }), options),
  memory: (world, pick, n) => world.editConfig(pick(), { memory: 512 * (1 + (n % 8)) }, USERS[n % 2]),
  notes: (world, pick, n) =>
    world.editConfig(pick(), { description: n % 3 ? `note ${n}` : null }, USERS[n % 2]),
  applyPending: (world, pick) => world.applyPending(pick()),
  vlan: (world, pick, n) => world.editProperty(pick(), 'net0', 'tag', String(10 + (n % 5))),
  smbios: (world, pick, n, _, sim) =>
    world.editConfig(datedVm(sim, pick), {
      smbios1: `uuid=00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    }),
  rename: (world, pick, n) => world.rename(pick(), n % 4 ? `name-${n % 7}` : null),
  tag: (world, pick, n) => world.setTags(pick(), ['x', 'a', 'm'].slice(n % 4)),
  pool: (world, pick, n) => world.setPool(pick(), [null, 'prod', 'dev', 'fresh'][n % 4] ?? null),
  removePool: (world, _, n) => world.removePool(['prod', 'dev', 'fresh'][n % 3]!),
  create: (world, pick, n, options) =>
    world.createGuest({ type: n % 2 ? 'lxc' : 'qemu', node: nodeOf(pick, n), start: n % 3 === 0 }, options),
  clone: (world, pick, n, options) => world.cloneGuest(pick(), { name: `clone-${n}` }, options),
  delete: (world, pick, _, options) => world.deleteGuest(pick(), options),
  reuse: (world, pick, n) =>
    world.reuseVmid(pick(), n % 2 ? {} : { type: n % 4 ? 'lxc' : 'qemu', name: 'again' }),
  migrate: (world, pick, n, options) => world.migrate(pick(), nodeOf(pick, n), options),
  template: (world, pick, _, options) => world.convertToTemplate(pick({ status: 'stopped' }), options),
  snapshot: (world, pick, n, options) => world.snapshot(pick(), `snap_${n}`, options),
  deleteSnapshot: (world, pick, n, options) => world.deleteSnapshot(pick(), `snap_${n}`, options),
  rollback: (world, pick, n, options) => world.rollback(pick(), `snap_${n}`, options),
  memorySnapshot: (world, pick, n) =>
    world.snapshot(pick({ type: 'qemu', status: 'running' }), `snap_${n}`, {
      vmstate: true,
      durationMs: 100_000 * (1 + (n % 4)),
    }),
  startAndMigrate: (world, pick, n, options) => {
    const vmid = pick({ type: 'qemu', status: 'stopped', template: false });
    world.start(vmid);
    world.migrate(vmid, nodeOf(pick, n), options);
  },
  // Pools are the cluster's: a guest whose node is off changes its own, too.
  poolOfAny: (world, _, n) => {
    const all = world.find({});
    world.setPool(all[n % all.length]!, [null, 'prod', 'dev', 'fresh'][n % 4] ?? null);
  },
  // Its file is deleted by hand, or its node was set up anew.
  anew: (world, pick, n, _, sim) => {
    const vmid = pick();
    const { node, type } = guestNow(sim, vmid);
    world.loseGuest(vmid);
    world.createGuest({ vmid, node, type, name: `anew-${n}` });
  },
  backup: (world, pick, _, options) => world.backup(pick(), options),
  // PVE refuses to restore over a guest that runs.
  restore: (world, pick, _, options) => world.restore(pick({ status: 'stopped' }), options),
  restoreDeleted: (world, _, n, options, sim) => world.restore(deletedVmid(sim, n), options),
  suspend: (world, pick) => world.suspend(pick({ type: 'qemu', status: 'running' }), { toDisk: true }),
  pause: (world, pick, _, options) => world.suspend(pick({ type: 'qemu', status: 'running' }), options),
  resume: (world, pick, _, options) => world.resume(pick({ type: 'qemu', status: 'running' }), options),
  pass: (world, pick, n) =>
    world.passThrough(
      pick({ type: 'qemu', status: 'running' }),
      ([undefined, 'save-vm', 'finish-migrate', 'inmigrate'] as const)[n % 4],
    ),
  ha: (world, pick, n) =>
    world.setHa(pick(), ([null, 'started', 'stopped', 'ignored'] as const)[n % 4]!, USERS[n % 2]),
  haStop: (world, pick, n) => world.haStop(pick({ ha: true }), { delayMs: 1_000 * (n % 9) }),
  haStart: (world, pick, n) => world.haStart(pick({ ha: true }), { delayMs: 1_000 * (n % 9) }),
  disable: (world, _, n) => world.setStorageDisabled('nas', n % 2 === 0),
  unreachable: (world, _, n) => world.setStorageUnreachable('nas', n % 2 === 0),
  content: (world, _, n) => world.editStorage('nas', { content: n % 2 ? ['iso', 'backup'] : ['backup'] }),
  addStorage: (world, _, n) =>
    world.addStorage({
      storage: `extra${n % 2}`,
      type: 'nfs',
      content: ['iso'],
      shared: true,
      total: 1e12,
    }),
  removeStorage: (world, _, n) => world.removeStorage(`extra${n % 2}`),
  job: (world, _, n, __, sim) => world.setBackupJobs(otherJobs(sim, n)),
  poolComment: (world, _, n) =>
    world.setPoolComment(['prod', 'dev', 'fresh'][n % 3]!, n % 4 ? `comment ${n % 5}` : '', USERS[n % 2]),
  rules: (world, pick, n) => world.setHaRules(rulesOf(pick, n)),
  option: (world, _, n) =>
    world.setOption(['keyboard', 'console'][n % 2]!, n % 3 ? ['de', 'html5', 'fr'][n % 3]! : null),
  upgrade: (world, _, n) => world.setNodeVersion(`pve${1 + (n % 3)}`, `9.2.${n}`),
} satisfies Record<string, Mutation>;

/** The backup jobs, one of them made, edited or removed. */
function otherJobs(sim: Simulator, n: number): BackupJob[] {
  const id = `job-${n % 3}`;
  const before = jobsNow.get(sim) ?? [];
  const rest = before.filter(job => job.id !== id);
  const isThere = rest.length < before.length;
  const jobs =
    isThere && n % 5 === 0
      ? rest
      : [
          ...rest,
          {
            id,
            enabled: n % 2 ? 1 : 0,
            schedule: ['01:00', 'sat 03:00', '*/6:00'][n % 3]!,
            storage: n % 4 ? 'nas' : 'local',
            mode: n % 7 ? 'snapshot' : 'stop',
            ...(n % 3 ? { vmid: `${100 + (n % 4)},101` } : { all: 1 as const, exclude: `${100 + (n % 3)}` }),
            'prune-backups': { 'keep-last': String(1 + (n % 4)) },
          } satisfies BackupJob,
        ];
  jobsNow.set(sim, jobs);
  return jobs;
}

const jobsNow = new WeakMap<Simulator, BackupJob[]>();

/** A rule or two of high availability about guests there are. */
function rulesOf(pick: Pick, n: number): HaRule[] {
  const [guest, other] = [pick(), pick({ type: 'lxc' })];
  const node: HaRule = {
    rule: 'stay',
    type: 'node-affinity',
    resources: `vm:${guest}`,
    nodes: `pve${1 + (n % 3)}:${1 + (n % 2)}`,
    ...(n % 4 ? {} : { strict: 1 }),
  };
  const apart: HaRule = {
    rule: 'apart',
    type: 'resource-affinity',
    affinity: n % 2 ? 'negative' : 'positive',
    resources: `vm:${guest},ct:${other}`,
    ...(n % 5 ? {} : { disable: 1 }),
  };
  return [[node], [node, apart], [apart], []][n % 4]!;
}

/** A node by number; `pick` is only asked so that the choice follows the same steps. */
function nodeOf(_pick: Pick, n: number): string {
  return `pve${1 + (n % 3)}`;
}

/** A stopped VM that tells when it was created, as all since PVE 7 do: without, an edited uuid makes it another one. */
function datedVm(sim: Simulator, pick: Pick): number {
  const vmid = pick({ type: 'qemu', status: 'stopped' });
  if (guestNow(sim, vmid).config['meta'] === undefined) throw new Error('undated');
  return vmid;
}

/** A vmid that a guest was deleted from: its backup may be there. */
function deletedVmid(sim: Simulator, n: number): number {
  const vmid = (resource: string) => Number(resource.split('/')[1]);
  const gone = sim.truth.events.filter(({ change, resource }) => {
    const guest = change === 'deleted' && /^(vm|container)\//.test(resource);
    return guest && !sim.world.find({}).includes(vmid(resource));
  });
  return vmid(gone[n % gone.length]!.resource);
}

const RIGHTS = {
  all: [{ path: '/', role: 'Administrator' }],
  auditor: [{ path: '/', role: 'PVEAuditor' }],
  withoutPools: [
    { path: '/', role: 'PVEAuditor' },
    { path: '/pool', role: 'NoAccess' },
  ],
  poolOnly: [{ path: '/pool/prod', role: 'PVEVMUser' }],
  withoutStorage: [
    { path: '/', role: 'PVEAuditor' },
    { path: '/storage', role: 'NoAccess' },
  ],
  none: [],
};

const LISTS: (string | RegExp)[] = [
  '/cluster/resources',
  '/cluster/status',
  '/cluster/log',
  '/storage',
  '/cluster/backup',
  '/pools',
  '/cluster/ha/resources',
  '/cluster/ha/rules',
  /\/tasks$/,
];
const PATHS = [
  ...LISTS,
  '/access/permissions',
  '/cluster/nextid',
  '/cluster/options',
  '/cluster/ha/status/current',
  /\/pending$/,
  /\/status\/current$/,
  /\/config$/,
  /\/snapshot$/,
  /^\/nodes\/pve2\//,
  /./,
];

const anyNumber = fc.nat(40);
const often = { times: fc.integer({ min: 1, max: 4 }), after: fc.nat(3) };
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    match: fc.constantFrom(...PATHS),
    kind: fc.constantFrom<Fault['kind'][]>('status', 'html', 'truncate', 'reset', 'nulldata', 'wrong-types'),
    ...often,
  }),
  fc.record({ match: fc.constantFrom(...LISTS), kind: fc.constant('cut-list' as const), ...often }),
  fc.record({
    match: fc.constantFrom(/^\/nodes\/pve1\//, /^\/nodes\/pve2\//, /^\/nodes\/pve3\//),
    kind: fc.constant('status' as const),
    status: fc.constantFrom(595, 596),
    ...often,
  }),
  // Some guests cannot be read for a while.
  fc.record({
    match: fc.constantFrom(/\/10[0-4]\//, /\/10[5-9]\//, /\/20\d\//),
    kind: fc.constant('status' as const),
    status: fc.constantFrom(403, 500, 596),
    times: fc.constantFrom(1, 5, 40),
  }),
  // The token is revoked in the middle of a run, or the API leaves.
  fc.record({
    match: fc.constant(/./),
    kind: fc.constant('status' as const),
    status: fc.constantFrom(401, 500),
    times: fc.constantFrom(1, 5, 1000),
    after: fc.nat(20),
  }),
);

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('mutate' as const),
      what: fc.constantFrom(...(Object.keys(MUTATIONS) as (keyof typeof MUTATIONS)[])),
      n: anyNumber,
      durationMs: fc.constantFrom(0, 0, 5_000, 90_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('discover' as const),
      facets: fc.integer({ min: 0, max: 31 }),
      deep: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1_000, 7_000, 20_000, 70_000, 400_000, 2_000_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('node' as const),
      what: fc.constantFrom('down' as const, 'up' as const, 'freeze' as const, 'thaw' as const),
      n: anyNumber,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rights' as const),
      what: fc.constantFrom(...(Object.keys(RIGHTS) as (keyof typeof RIGHTS)[])),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fault' as const), fault }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('quorum' as const), lost: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('skew' as const),
      ms: fc.constantFrom(0, 240_000, -240_000, 7_200_000, -86_400_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), after: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('other' as const) }) },
);

/** A lab as far as steps touch it. */
export interface Alive {
  sim: Simulator;
  skew: number;
  discover(options?: Parameters<Lab['discover']>[0]): Promise<unknown>;
  restart(): Promise<void>;
  /** A look by another process, with another token. */
  other?(): Promise<unknown>;
}

/** Does a step. What the cluster refuses, or what has nothing to happen to, does nothing. */
export async function take(lab: Alive, step: Step, crash: { after: number | null }): Promise<void> {
  const { sim } = lab;
  const { world } = sim;
  switch (step.do) {
    case 'mutate': {
      if (!quorate(sim)) return; // PVE refuses every write.
      const online = new Set(
        nodes(sim)
          .filter(([, up]) => up)
          .map(([name]) => name),
      );
      const pick: Pick = wanted => {
        // PVE refuses nearly everything while a guest is locked.
        const able = world.find(wanted ?? {}).filter(vmid => {
          const guest = guestNow(sim, vmid);
          return online.has(guest.node) && (guest.lock === null || step.what === 'start');
        });
        if (able.length === 0) throw new Error('nobody');
        return able[step.n % able.length]!;
      };
      try {
        (MUTATIONS[step.what] as Mutation)(world, pick, step.n, { durationMs: step.durationMs }, sim);
      } catch {
        // Refused.
      }
      return;
    }
    case 'node': {
      const name = `pve${1 + (step.n % 3)}`;
      // Two nodes down would take the quorum; that is a step of its own.
      const others = nodes(sim).filter(([node, up]) => node !== name && up).length;
      if (step.what === 'down' && others === 2) world.nodeDown(name);
      if (step.what === 'up') world.nodeUp(name, { start: step.n % 2 ? 'all' : 'none' });
      if (step.what === 'freeze') world.nodeFrozen(name);
      if (step.what === 'thaw') world.nodeFrozen(name, false);
      return;
    }
    case 'rights':
      return world.setRights(sim.tokens.full, RIGHTS[step.what]);
    case 'quorum':
      return world.quorumLoss(step.lost);
    case 'fault':
      sim.faults.add(step.fault);
      return;
    case 'advance':
      return sim.clock.advance(step.ms);
    case 'skew':
      lab.skew = step.ms;
      return;
    case 'crash':
      crash.after = step.after;
      return;
    case 'restart':
      return lab.restart();
    case 'other':
      await lab.other?.().catch(() => {});
      return;
    case 'discover': {
      const all = ['config', 'tasks', 'storage', 'details', 'datacenter'] as const;
      const facets = ['inventory' as const, ...all.filter((_, bit) => step.facets & (1 << bit))];
      await lab.discover({ facets, deep: step.deep }).catch(() => {});
    }
  }
}

/** Everything works again: no faults, all nodes, all rights; and time passes for rows to tell. */
export function heal({ sim }: { sim: Simulator }, ms = 400_000): void {
  sim.faults.clear();
  sim.world.quorumLoss(false);
  for (const vmid of sim.world.find({ type: 'qemu' })) sim.world.passThrough(vmid, undefined);
  for (const [name] of nodes(sim)) {
    sim.world.nodeFrozen(name, false);
    sim.world.nodeUp(name);
  }
  sim.world.setRights(sim.tokens.full, RIGHTS.all);
  sim.clock.advance(ms);
}

function nodes(sim: Simulator): [name: string, online: boolean][] {
  return Object.entries(sim.truth.state().nodes).map(([key, node]) => [
    key.slice(5),
    node.status === 'online',
  ]);
}
function quorate(sim: Simulator): boolean {
  const all = nodes(sim);
  return all.filter(([, up]) => up).length * 2 > all.length;
}
function guestNow(sim: Simulator, vmid: number): TruthGuest {
  const { guests } = sim.truth.state();
  return (guests[`vm/${vmid}`] ?? guests[`container/${vmid}`])!;
}

/** Changes recorded more often than they happened: one real event explains one record of each field, not two. */
export function overcounted(versions: Version[], events: TruthEvent[]): string[] {
  const recorded = new Map<string, number>();
  for (const { type, resourceId, change, fields } of versions) {
    const key = formatKey({ type, id: resourceId });
    const what = change === 'updated' ? fields.map(field => field.path) : [change];
    for (const path of what) recorded.set(`${key} ${path}`, (recorded.get(`${key} ${path}`) ?? 0) + 1);
  }
  return [...recorded].flatMap(([what, times]) => {
    const [key, seen] = what.split(' ') as [string, string];
    // The truth has no boot times of nodes; whoever boots comes online.
    const path = key.startsWith('node/') && seen === 'started_at' ? 'status' : seen;
    // HA has states of its own in between, and each node notices a storage's outage by itself.
    if (['discovered', 'ha'].includes(path) || path.startsWith('unreachable')) return [];
    const madeAnew = isMadeAnewUnseen(key) ? 'created' : null;
    const real = events.filter(
      event =>
        event.resource === key &&
        (event.change === path ||
          event.change === madeAnew ||
          event.fields?.some(field => expectRelated(field.path, path))),
    ).length;
    return times > real ? [`${what}: recorded ${times} times, happened ${real} times`] : [];
  });
}
