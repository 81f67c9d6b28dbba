import type { ApplyRequest, ApplyResult } from '../../src/model/applying.ts';
import { type ApplyLab, WRITE_TOKEN } from './apply-lab.ts';

/** One thing that can go wrong: when, and what is to be said of it then. */
export interface PlanFault {
  what: string;
  /** What is planned; more memory for vm/100 unless told. */
  plan?: object;
  /** Before the plan is made. */
  setup?: (lab: ApplyLab) => unknown;
  /** After the plan was made. */
  prepare?: (lab: ApplyLab) => unknown;
  /** Just before the write of this number goes out. */
  before?: { write: number; happens: (lab: ApplyLab) => unknown };
  outcome: ApplyResult['outcome'];
  /** By `resource path`; of a refusal the codes. */
  steps?: string[];
  codes?: string[];
  request?: Partial<ApplyRequest>;
  /** How long a person takes to approve (ms). */
  approvalTakes?: number;
  /** The plan can be carried out afterwards. */
  reusable?: true;
  /** Writes that reached the cluster, those that take back included. */
  sent: number;
  /** What is said of the steps once 2 minutes have passed and everything was looked at again. */
  later?: string[];
  says?: RegExp;
}

const note = { resource: 'vm/100', set: ['description=second'] };
export const all = { name: '*', set: ['tags+=prod'] };
const bridge = { resource: 'vm/101', set: ['net0.bridge=vmbr9'] };
const PUT = { match: /\/config$/, method: 'PUT', times: 1 } as const;

/** Alters what Proxmox answers to a read: the rows of a list, or an object. */
const odd =
  (match: RegExp, alter: (rows: { [key: string]: unknown }[]) => unknown, more = {}) =>
  (lab: ApplyLab) =>
    lab.sim.faults.add({ match, method: 'GET', kind: 'alter', alter, ...more });
const PENDING = /\/100\/pending$/;
const rowOf = (rows: { [key: string]: unknown }[], key: string) =>
  rows.find(row => row['key'] === key) ?? rows[rows.push({ key }) - 1]!;
/** The same, in the two readings that follow the first write. */
const oddAfter = (match: RegExp, alter: Parameters<typeof odd>[1]) => ({
  write: 1,
  happens: (lab: ApplyLab) => {
    lab.hooks.after = () => void odd(match, alter, { times: 2 })(lab);
  },
});

/** Everything that can go wrong while a plan is carried out, one by one. */
export const FAULTS: PlanFault[] = [
  {
    what: 'its task fails',
    plan: { resource: 'vm/101', set: ['snapshot+=s1'] },
    prepare: ({ sim }) => sim.world.orderTasks({ type: 'qmsnapshot', fail: 'no space' }),
    outcome: 'failed',
    steps: ['vm/101 snapshots failed'],
    sent: 1,
    says: /no space/,
  },
  {
    what: 'a card that cannot be plugged: 400, and the value waits',
    plan: bridge,
    outcome: 'failed',
    steps: ['vm/101 config.net0.bridge reverted'],
    sent: 2,
    says: /hotplug problem/,
  },
  {
    what: 'a container whose hot-plug fails, with its limit in force already',
    plan: { resource: 'container/201', set: ['memory=300', 'net0.bridge=vmbr9'] },
    outcome: 'failed',
    steps: ['container/201 config.memory failed', 'container/201 config.net0.bridge failed'],
    sent: 1,
  },
  {
    what: 'the guest is locked',
    prepare: ({ sim }) => sim.world.setLock(100, 'backup'),
    outcome: 'refused',
    codes: ['held'],
    sent: 0,
  },
  {
    what: 'the guest is locked just before the write',
    before: { write: 1, happens: ({ sim }) => sim.world.setLock(100, 'backup') },
    outcome: 'failed',
    steps: ['vm/100 config.memory failed'],
    sent: 1,
  },
  {
    what: 'quorum is lost before',
    prepare: ({ sim }) => sim.world.quorumLoss(),
    outcome: 'refused',
    codes: ['no-quorum'],
    sent: 0,
  },
  {
    what: 'quorum is lost after the first guest',
    plan: all,
    before: { write: 2, happens: ({ sim }) => sim.world.quorumLoss() },
    outcome: 'partial',
    steps: ['vm/100 tags verified', 'vm/101 tags failed', 'container/201 tags failed'],
    sent: 3,
  },
  {
    what: 'somebody edits the field after the plan was made',
    prepare: ({ sim }) => sim.world.editConfig(100, { memory: '900' }, { user: 'bob@pve' }),
    outcome: 'refused',
    codes: ['moved'],
    sent: 0,
    says: /memory .*by .{0,2}bob@pve.*900/,
  },
  {
    what: 'somebody edits another field',
    prepare: ({ sim }) => sim.world.editConfig(100, { description: 'theirs' }, { user: 'bob@pve' }),
    outcome: 'done',
    steps: ['vm/100 config.memory verified'],
    sent: 1,
  },
  {
    what: 'somebody edits another field between reading and writing',
    before: { write: 1, happens: ({ sim }) => sim.world.editConfig(100, { cores: 9 }) },
    outcome: 'done',
    steps: ['vm/100 config.memory verified'],
    sent: 2,
  },
  {
    what: 'somebody edits another field of a running VM between its snapshot and its change',
    plan: { resource: 'vm/101', set: ['snapshot+=s1', 'net0.tag=20'] },
    before: { write: 2, happens: ({ sim }) => sim.world.editConfig(101, { description: 'theirs' }) },
    outcome: 'done',
    steps: ['vm/101 snapshots verified', 'vm/101 config.net0.tag verified'],
    sent: 3,
  },
  {
    what: 'somebody edits another field before each write',
    before: {
      write: 1,
      happens: ({ sim, hooks }) => {
        hooks.before = n => sim.world.editConfig(100, { cores: 8 + n });
        sim.world.editConfig(100, { cores: 8 });
      },
    },
    outcome: 'failed',
    steps: ['vm/100 config.memory failed'],
    sent: 2,
    says: /modified configuration|checksum/,
  },
  {
    what: 'somebody edits the field itself between reading and writing',
    before: { write: 1, happens: ({ sim }) => sim.world.editConfig(100, { memory: '900' }) },
    outcome: 'failed',
    steps: ['vm/100 config.memory failed'],
    sent: 1,
    says: /"now":"900"/,
  },
  {
    what: 'somebody brings one of two fields to what is wanted between reading and writing: theirs is not taken back',
    plan: { resource: 'vm/100', set: ['memory=1024', 'description=second'] },
    before: {
      write: 1,
      happens: ({ sim }) => sim.world.editConfig(100, { memory: '1024', description: 'theirs' }),
    },
    outcome: 'failed',
    steps: ['vm/100 config.description failed', 'vm/100 config.memory failed'],
    sent: 1,
  },
  {
    what: 'somebody locks the guest against us between reading and writing',
    before: { write: 1, happens: ({ sim }) => sim.world.editConfig(100, { tags: 'a;b;mpc-locked' }) },
    outcome: 'failed',
    steps: ['vm/100 config.memory failed'],
    sent: 1,
  },
  {
    what: 'its node is down',
    prepare: ({ sim }) => sim.world.nodeDown('pve1', { haRecovery: false }),
    outcome: 'refused',
    codes: ['unread'],
    sent: 0,
  },
  {
    what: 'its node goes down just before the write',
    before: { write: 1, happens: ({ sim }) => sim.world.nodeDown('pve1', { haRecovery: false }) },
    outcome: 'failed',
    steps: ['vm/100 config.memory not_sent'],
    sent: 1,
  },
  {
    what: 'the guest was moved to another node after the plan was made',
    prepare: ({ sim }) => sim.world.migrate(100, 'pve2'),
    outcome: 'done',
    steps: ['vm/100 config.memory verified'],
    sent: 1,
  },
  {
    what: 'the guest is moved just before the write',
    before: { write: 1, happens: ({ sim }) => sim.world.migrate(100, 'pve2') },
    outcome: 'failed',
    steps: ['vm/100 config.memory failed'],
    sent: 1,
  },
  {
    what: 'its VMID belongs to another guest by now',
    prepare: ({ sim }) => sim.world.reuseVmid(100, { node: 'pve1' }),
    outcome: 'refused',
    codes: ['another-guest'],
    sent: 0,
  },
  {
    what: 'the answer is lost after the write happened',
    plan: note,
    prepare: ({ sim }) => sim.faults.add({ ...PUT, kind: 'reset', acts: true }),
    outcome: 'done',
    steps: ['vm/100 config.description verified'],
    sent: 1,
  },
  {
    what: 'the answer is lost, and the write did not happen',
    plan: note,
    prepare: ({ sim }) => sim.faults.add({ ...PUT, kind: 'reset' }),
    outcome: 'partial',
    steps: ['vm/100 config.description unknown'],
    sent: 1,
    later: ['vm/100 config.description failed'],
  },
  {
    what: '596, and the write happens all the same',
    plan: note,
    prepare: ({ sim }) => sim.faults.add({ ...PUT, kind: 'status', status: 596, acts: true }),
    outcome: 'done',
    steps: ['vm/100 config.description verified'],
    sent: 1,
  },
  {
    what: 'another value is stored than was sent',
    setup: async lab => {
      lab.sim.world.editConfig(101, { hotplug: 'network,memory', numa: 1, memory: '1024' });
      lab.sim.world.shutdown(101);
      lab.sim.world.start(101);
      await lab.discover({ deep: true });
    },
    plan: { resource: 'vm/101', set: ['memory=1700'] },
    outcome: 'failed',
    steps: ['vm/101 config.memory reverted'],
    sent: 2,
  },
  {
    what: 'the right to write is lost after the first guest',
    plan: all,
    before: { write: 2, happens: ({ sim }) => sim.world.setRights(WRITE_TOKEN, []) },
    outcome: 'partial',
    steps: ['vm/100 tags verified', 'vm/101 tags failed', 'container/201 tags failed'],
    sent: 3,
    says: /Permission check failed/,
  },
  {
    what: 'the token that writes is revoked',
    before: { write: 1, happens: ({ sim }) => sim.world.revokeToken(WRITE_TOKEN) },
    outcome: 'failed',
    steps: ['vm/100 config.memory failed'],
    sent: 1,
  },
  {
    what: 'high availability acts a minute after its task has ended',
    plan: { resource: 'vm/100', set: ['status=running'] },
    prepare: async lab => {
      lab.sim.world.setHa(100, 'stopped');
      lab.sim.world.orderTasks({ type: 'hastart', durationMs: 60_000 });
    },
    outcome: 'done',
    steps: ['vm/100 status verified'],
    sent: 1,
  },
  {
    what: 'high availability does not act within two minutes',
    plan: { resource: 'vm/100', set: ['status=running'] },
    prepare: async lab => {
      lab.sim.world.setHa(100, 'stopped');
      lab.sim.world.orderTasks({ type: 'hastart', durationMs: 200_000 });
    },
    outcome: 'partial',
    steps: ['vm/100 status unknown'],
    sent: 1,
    later: ['vm/100 status verified'],
  },
  {
    what: 'our clock is set back over the expiry',
    prepare: async lab => {
      lab.sim.clock.advance(16 * 60_000);
      await lab.discover();
      lab.skew = -20 * 60_000;
    },
    outcome: 'refused',
    codes: ['expired'],
    sent: 0,
  },
  {
    what: 'the plan has expired',
    prepare: ({ sim }) => sim.clock.advance(16 * 60_000),
    outcome: 'refused',
    codes: ['expired'],
    sent: 0,
  },
  // What is read before a write: a value that cannot be read is not one that is not there.
  ...[
    [
      'the tags that lock it cannot be read',
      (rows: { [key: string]: unknown }[]) => {
        Object.assign(rowOf(rows, 'tags'), { value: { locked: 1 } });
      },
    ],
    [
      'its lock cannot be read',
      (rows: { [key: string]: unknown }[]) => {
        Object.assign(rowOf(rows, 'lock'), { value: [] });
      },
    ],
    [
      'whether a disk waits to be detached cannot be read',
      (rows: { [key: string]: unknown }[]) => {
        Object.assign(rowOf(rows, 'scsi1'), { value: 'x', delete: {} });
      },
    ],
    [
      'its digest cannot be read',
      (rows: { [key: string]: unknown }[]) => {
        Object.assign(rowOf(rows, 'digest'), { value: null });
      },
    ],
    [
      'a row of its configuration has no name',
      (rows: { [key: string]: unknown }[]) => {
        rows.push({ key: null, value: 'x' });
      },
    ],
    ['its configuration is no list', () => ({ memory: 512 })],
  ].map(([what, alter]) => ({
    what: what as string,
    prepare: odd(PENDING, alter as Parameters<typeof odd>[1]),
    outcome: 'refused' as const,
    codes: ['unread'],
    sent: 0,
  })),
  {
    what: 'its status cannot be read',
    plan: { resource: 'vm/100', set: ['status=running'] },
    prepare: odd(/\/100\/status\/current$/, () => ({ status: {}, vmid: 100 })),
    outcome: 'refused',
    codes: ['unread'],
    sent: 0,
  },
  {
    what: 'one of its snapshots cannot be read',
    plan: { resource: 'vm/101', set: ['snapshot+=s1'] },
    prepare: odd(/\/101\/snapshot$/, rows => void rows.push({ name: { odd: 1 } })),
    outcome: 'refused',
    codes: ['unread'],
    sent: 0,
  },
  // What is read after it: it cannot be told.
  {
    what: 'the value that was written cannot be read',
    before: oddAfter(PENDING, rows => void Object.assign(rowOf(rows, 'memory'), { value: {} })),
    outcome: 'partial',
    steps: ['vm/100 config.memory unknown'],
    sent: 1,
    later: ['vm/100 config.memory verified'],
  },
  {
    what: 'whether a value was taken away cannot be read',
    setup: async lab => {
      lab.sim.world.editConfig(100, { description: 'first' });
      await lab.discover({ deep: true });
    },
    plan: { resource: 'vm/100', set: ['description='] },
    before: oddAfter(PENDING, rows => void rows.push({ key: { of: 'what' }, value: 'first' })),
    outcome: 'partial',
    steps: ['vm/100 config.description unknown'],
    sent: 1,
    later: ['vm/100 config.description verified'],
  },
  {
    what: 'the answer to a write is another one, and it happened',
    plan: note,
    prepare: ({ sim }) => sim.faults.add({ ...PUT, kind: 'alter', acts: true, alter: () => ({ ok: 1 }) }),
    outcome: 'done',
    steps: ['vm/100 config.description verified'],
    sent: 1,
  },
  {
    what: 'its task is told with an end of another form',
    plan: { resource: 'vm/101', set: ['snapshot+=s1'] },
    before: oddAfter(/\/nodes\/pve1\/tasks$/, rows => {
      for (const row of rows) Object.assign(row, { endtime: 'nan', status: { OK: 1 } });
    }),
    outcome: 'done',
    steps: ['vm/101 snapshots verified'],
    sent: 1,
  },
  {
    what: 'nobody approves',
    request: { approval: async () => ({ code: 'approval', what: 'no answer' }) },
    outcome: 'refused',
    codes: ['approval'],
    sent: 0,
    reusable: true,
  },
  {
    what: 'the plan expires while a person thinks',
    request: {},
    approvalTakes: 16 * 60_000,
    outcome: 'refused',
    codes: ['expired'],
    sent: 0,
  },
  {
    what: 'it is given up before it begins',
    request: { signal: AbortSignal.abort() },
    outcome: 'refused',
    codes: [],
    sent: 0,
    reusable: true,
  },
];
