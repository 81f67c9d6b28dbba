import type { HistoryRow, ReportFacts } from '../../src/pages/facts.ts';

const DAY = 86_400_000;
/** When every made-up history ends. */
export const END = Date.UTC(2026, 10, 28, 20);
const PEOPLE = [
  'ann@pve',
  'root@pam',
  'bob@ldap',
  'ci@pve',
  'night-shift@pve',
  'eve@ldap',
  'terraform@pve',
  'zoë@ldap',
];
const FIELDS = ['memory_mib', 'config.cores', 'tags', 'config.net0', 'status', 'node', 'config.scsi0.size'];
const TASKS = ['vzdump', 'qmstart', 'qmstop', 'qmigrate', 'qmsnapshot'];

/** Numbers that look random and are the same each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A text that would run, load or steer something wherever it is taken for more than text. */
export const HOSTILE =
  '<img src=x onerror=alert(1)><script>alert(2)</script>"\'`javascript:alert(3)</script>';

/** A month of so many lanes and changes, with a fifth as many tasks and an outage. */
export function madeUp(lanes: number, changes: number): ReportFacts {
  const next = random(lanes * 7 + changes);
  const pick = <T>(from: readonly T[]) => from[Math.floor(next() ** 1.6 * from.length)]!;
  const time = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
  const lane = () => {
    const at = Math.floor(next() * lanes);
    return at === 0
      ? { resource: 'node/pve1', name: undefined }
      : { resource: `vm/${100 + at}`, name: `web-${at}` };
  };
  const at = () => Math.floor((END - next() * 30 * DAY) / 1000) * 1000;
  const history = Array.from({ length: changes }, (_, index): HistoryRow => {
    const before = at();
    const { resource, name } = index < lanes ? laneOf(index) : lane();
    const user = next() < 0.15 ? undefined : pick(PEOPLE);
    const path = pick(FIELDS);
    return {
      resource,
      ...(name !== undefined && { name, node: 'pve1' }),
      change: next() < 0.06 ? 'created' : next() < 0.08 ? 'deleted' : 'updated',
      at: time(before),
      window: { after: time(before - Math.floor(next() ** 6 * DAY)), before: time(before) },
      fields: [
        {
          path,
          from: path === 'status' ? 'stopped' : Math.floor(next() * 9),
          to: path === 'status' ? 'running' : 16,
        },
      ],
      causes: user === undefined ? [] : [{ type: 'qmconfig', user, source: 'task', status: 'OK' }],
      ...(user === undefined && { why_unknown: 'no task or log line was seen in that time' }),
    };
  });
  const tasks = Array.from({ length: Math.floor(changes / 5) }, (_, index): HistoryRow => {
    const start = at();
    const { resource } = lane();
    const user = pick(PEOPLE);
    const status = next() < 0.1 ? 'job errors' : 'OK';
    const until = time(start + Math.floor(next() * 7_200_000));
    return { task: `UPID:pve1:${index}`, type: pick(TASKS), user, status, at: time(start), until, resource };
  });
  return {
    cluster: 'prod-west',
    made_at: time(END),
    as_of: time(END - 20_000),
    time_zone: 'Europe/Berlin',
    unseen: [{ what: 'vm/103', since: time(END - 2 * DAY), reason: 'its node did not answer' }],
    from: time(END - 30 * DAY),
    to: time(END),
    version: '0.3.0',
    timeline: {
      from: time(END - 30 * DAY),
      to: time(END),
      time_zone: 'Europe/Berlin',
      history: [history, tasks].flatMap(rows => rows.sort((a, b) => (a.at! < b.at! ? 1 : -1))),
      total: history.length + tasks.length,
      counts: { changes: history.length, tasks: tasks.length, failed_tasks: 6 },
    },
    findings: FINDINGS,
    drift: {
      rows: [
        {
          resource: 'vm/104',
          name: 'web-4',
          change: 'drifted',
          fields: [{ path: 'memory_mib', from: 4096, to: 16, state: 'drifted' }],
        },
      ],
      counts: { resources: 12, drifted: 1 },
      total: 1,
    },
  };
}

function laneOf(at: number) {
  return at === 0
    ? { resource: 'node/pve1', name: undefined }
    : { resource: `vm/${100 + at}`, name: `web-${at}` };
}

const FINDINGS: ReportFacts['findings'] = {
  rows: [
    {
      check: 'node-offline',
      severity: 'critical',
      resource: 'node/pve3',
      what: 'The node does not answer; 14 guests ran there when it was last seen.',
      since: '2026-11-27T02:14:00Z',
      next: 'Look at its console; guests under HA start elsewhere.',
    },
    {
      check: 'storage-filling',
      severity: 'warning',
      resource: 'storage/local-zfs',
      what: '91 % are in use on pve1.',
      since: '2026-11-20T02:14:00Z',
      next: 'Remove old snapshots or add space.',
    },
    {
      check: 'snapshot-old',
      severity: 'info',
      resource: 'vm/102',
      name: 'web-2',
      what: 'Its snapshot before-upgrade is 61 days old.',
      next: 'Delete it when it is no longer needed.',
    },
  ],
  counts: { critical: 1, warning: 1, info: 1 },
  total: 3,
};
