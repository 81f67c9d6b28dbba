import { describe, expect, test } from 'vitest';
import type { Seen } from '../../../src/history/acts.ts';
import { causesOf } from '../../../src/history/causes.ts';
import { effectsOf } from '../../../src/history/task-effects.ts';
import type { FieldChange } from '../../../src/model/change.ts';
import type { TaskEntity } from '../../../src/model/entity.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { aTask } from '../../support/database-fixtures.ts';

/** One way in which each kind of field can move. */
const MOVES = {
  runs: { path: 'status', from: 'stopped', to: 'running' },
  stops: { path: 'status', from: 'running', to: 'stopped' },
  pauses: { path: 'status', from: 'running', to: 'paused' },
  resumes: { path: 'status', from: 'paused', to: 'running' },
  begins: { path: 'started_at', from: null, to: 150_000 },
  ends: { path: 'started_at', from: 1, to: null },
  node: { path: 'node', from: 'pve1', to: 'pve2' },
  name: { path: 'name', from: 'a', to: 'b' },
  tags: { path: 'tags', from: ['a'], to: ['b'] },
  template: { path: 'template', from: false, to: true },
  pool: { path: 'pool', from: null, to: 'prod' },
  haStart: { path: 'ha', from: 'ignored', to: 'started' },
  haStop: { path: 'ha', from: 'started', to: 'stopped' },
  haIgnored: { path: 'ha', from: 'started', to: 'ignored' },
  /** Nobody but an edit puts a guest there. */
  enrols: { path: 'ha', from: null, to: 'started' },
  suspended: { path: 'lock', from: null, to: 'suspended' },
  unlocked: { path: 'lock', from: 'suspended', to: null },
  memory: { path: 'config.memory', from: 1, to: 2 },
  added: { path: 'config.onboot', from: null, to: 1 },
  described: { path: 'config.description', from: 'a', to: 'b' },
  disk: { path: 'config.scsi0.size', from: '1G', to: '2G' },
  rootfs: { path: 'config.rootfs.volume', from: 'a:1', to: 'b:1' },
  waits: { path: 'pending.cores', from: null, to: 4 },
  taken: { path: 'snapshots.s', from: null, to: 150_000 },
  dropped: { path: 'snapshots.s', from: 1, to: null },
} satisfies { [move: string]: FieldChange };
type Move = keyof typeof MOVES | 'created' | 'deleted';

const SETTINGS: Move[] = ['name', 'tags', 'template', 'memory', 'added', 'disk', 'rootfs', 'waits'];
const EDIT: Move[] = [...SETTINGS, 'described'];
const START: Move[] = ['runs', 'pauses', 'resumes', 'begins', 'unlocked'];
const STOP: Move[] = ['stops', 'ends'];
const DISKS: Move[] = ['disk', 'rootfs'];

/**
 * What each type of task can do, what a failed one may have done, and what is seen only while one is `underWay`: written from
 * PVE's own words, not from the table. One `ofRunning` leaves a guest that is off as it is.
 */
const TASKS: { [types: string]: { can: Move[]; failed?: Move[]; underWay?: Move[]; ofRunning?: true } } = {
  'qmstart vzstart': { can: START },
  'qmstop vzstop qmshutdown vzshutdown': { can: STOP },
  'qmreboot vzreboot': { can: START, underWay: STOP, ofRunning: true },
  qmreset: { can: ['resumes'] },
  qmpause: { can: ['pauses'] },
  qmresume: { can: ['resumes'] },
  qmsuspend: {
    can: ['stops', 'pauses', 'ends', 'suspended'],
    failed: ['stops', 'pauses', 'ends', 'suspended'],
  },
  qmmigrate: { can: [] },
  qmigrate: { can: ['node', ...DISKS], failed: ['node', ...DISKS] },
  vzmigrate: {
    can: ['node', ...DISKS, ...START],
    underWay: STOP,
    failed: ['node', ...DISKS, ...START, ...STOP],
    ofRunning: true,
  },
  qmconfig: { can: EDIT, failed: EDIT },
  'resize qmmove move_volume': { can: DISKS, failed: DISKS },
  'qmtemplate vztemplate': { can: ['template', ...DISKS], failed: ['template', ...DISKS] },
  'qmsnapshot vzsnapshot': { can: ['taken'], failed: ['taken'] },
  'qmdelsnapshot vzdelsnapshot': { can: ['dropped'] },
  qmrollback: { can: [...SETTINGS, ...START, ...STOP], failed: SETTINGS },
  // A container's edits leave no trace: where one fails, whoever edited it is as likely.
  vzrollback: { can: [...SETTINGS, ...START, ...STOP] },
  'qmcreate vzcreate': {
    can: ['created'],
    failed: ['created', 'deleted'],
  },
  qmrestore: {
    can: ['created', 'deleted', ...EDIT, 'dropped', 'unlocked'],
    failed: ['created', 'deleted', ...EDIT, 'dropped'],
  },
  vzrestore: {
    can: ['created', 'deleted', ...EDIT, 'dropped', 'unlocked'],
    failed: ['created', 'deleted', 'dropped'],
  },
  'qmdestroy vzdestroy': { can: ['deleted'] },
  hastart: { can: ['haStart', ...START] },
  'hastop hashutdown': { can: ['haStop', ...STOP] },
  hamigrate: { can: ['node', ...START], underWay: STOP, ofRunning: true },
  // A clone's task bears the original; a backup keeps it as it is; the rest is no guest's.
  'qmclone vzclone vzdump vncproxy termproxy spiceproxy pull_file push_file imgcopy imgdel download': {
    can: [],
  },
  'startall stopall suspendall migrateall bulk-start bulk-shutdown bulk-migrate aptupdate srvreload': {
    can: [],
  },
  'vncshell spiceshell pbs-download vzmount vzumount unknownimgdel acmerenew zfscreate nodereboot': {
    can: [],
  },
  // Nobody has heard of these: rather nobody than somebody.
  'qmfrobnicate constructor __proto__ qm vz': { can: [] },
};

type Span = [from: number, to: number];
/** When the task began and ended; it was looked at 100,000 and 200,000. */
const OVER: Span = [149_000, 151_000];
const UNDER_WAY: Span = [149_000, 199_000];
const SINCE_BEFORE: Span = [99_000, 151_000];

function causes(type: string, move: Move, status: string, [startTime, endTime] = OVER): number {
  const fields = move === 'created' || move === 'deleted' ? [] : [MOVES[move]];
  const change = fields.length === 0 ? (move as 'created' | 'deleted') : 'updated';
  const seen: Seen = { change, facet: 'config', fields, windowAfter: 100_000, windowBefore: 200_000 };
  const ran: TaskEntity = {
    ...{ upid: 'UPID:1', nodeId: 'pve1', type, status, exitStatus: null, user: 'root@pam', tokenId: null },
    ...{
      resourceType: 'vm',
      resourceId: '101',
      startTime: clusterTime(startTime),
      endTime: clusterTime(endTime),
      logEntries: null,
    },
  };
  // Who restores over a guest ends one life by bringing another one.
  const beside: Seen[] = change === 'deleted' ? [{ ...seen, change: 'created' }] : [];
  // What is asked of the HA manager it then does by tasks of its own.
  const does = { hastart: 'qmstart', hastop: 'qmstop', hashutdown: 'qmshutdown', hamigrate: 'vzmigrate' }[
    type
  ];
  const acts = [ran, ...(does === undefined ? [] : [{ ...ran, upid: 'UPID:2', type: does }])];
  return causesOf(seen, acts, [], [], [], [], beside).causes.filter(cause => cause.type === type).length;
}

describe.each(
  Object.entries(TASKS).flatMap(([types, can]) => types.split(' ').map(type => [type, can] as const)),
)('a task of type %s', (type, { can, failed = [], underWay = [], ofRunning }) => {
  const moves = [...Object.keys(MOVES), 'created', 'deleted'] as Move[];
  test.each([
    'ok',
    'warning',
    'running',
    'error',
    'unknown',
  ])('that ended with status %s explains just what it can have done', status => {
    const isCut = status === 'error' || status === 'unknown';
    const wanted = isCut ? failed : can;
    const explained = (when?: Span) => new Set(moves.filter(move => causes(type, move, status, when) > 0));
    const fromOff: readonly Move[] = ofRunning ? ['runs', 'begins'] : [];
    const goingOn = wanted.filter(move => !fromOff.includes(move));
    expect(explained()).toEqual(new Set(goingOn));
    expect(explained(UNDER_WAY)).toEqual(new Set([...goingOn, ...(isCut ? [] : underWay)]));
    // What may have begun while it ran sets going what it stopped.
    expect(explained(SINCE_BEFORE)).toEqual(new Set(wanted));
  });
});

// Kills: an enrolment taken for the last word on what the guest is to be.
test.each([
  'hastop',
  'hashutdown',
])('who asks by %s for the end of a guest that has just come under HA is named', type => {
  const ran = (more: Partial<TaskEntity>) =>
    aTask(1, {
      type,
      user: 'alice@pve',
      startTime: clusterTime(150_000),
      endTime: clusterTime(150_000),
      ...more,
    });
  const did = ran({ upid: 'UPID:2', type: 'qmstop', user: 'root@pam', startTime: clusterTime(155_000) });
  const named = (...fields: FieldChange[]) =>
    causesOf(
      { change: 'updated', facet: 'inventory', fields, windowAfter: 100_000, windowBefore: 200_000 },
      [ran({}), { ...did, endTime: clusterTime(156_000) }],
      [],
    ).causes.flatMap(cause => (cause.type === type ? (cause.fields ?? fields.map(({ path }) => path)) : []));
  const enrolled = { path: 'ha', from: null, to: 'stopped' };
  expect(named(enrolled, MOVES.stops)).toEqual(['ha', 'status']);
  expect(named(enrolled)).toEqual([]);
  expect(named(MOVES.enrols, MOVES.stops)).toEqual(['status']);
});

test('a task type called like a method of objects has no effects', () => {
  expect(effectsOf({ type: 'toString', status: 'ok' }).does).toEqual([]);
});
