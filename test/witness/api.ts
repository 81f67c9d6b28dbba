import { at, type Cluster, type Life, now, type Task } from './cluster.ts';

/** What stands in the way of one look. */
export interface Weather {
  /** Guests whose own paths answer this instead. */
  refusing: Map<string, { status: number; reason: string }>;
  /** Guests whose list of pending values is refused with 400. */
  noPending: Set<string>;
  /** Rows the listing lacks. */
  missing: Set<string>;
  /** A field of a guest's row, or a key of its configuration, that holds something else. */
  odd: { key: string; field: string; value: unknown }[];
  /** Nodes whose task list fails. */
  noTasks: Set<string>;
  noLog: boolean;
  noStatus: boolean;
}

export const fair = (): Weather => ({
  refusing: new Map(),
  noPending: new Set(),
  missing: new Set(),
  odd: [],
  noTasks: new Set(),
  noLog: false,
  noStatus: false,
});

/** What a token may see. */
export interface Sight {
  audit: boolean;
  syslog: boolean;
  pools: boolean;
  /** Only the guests of this pool. */
  only: string | null;
}

export const ALL: Sight = { audit: true, syslog: true, pools: true, only: null };

export class Refusal extends Error {
  readonly status: number;
  readonly errors: object | undefined;

  constructor(status: number, reason: string, errors?: object) {
    super(reason);
    this.status = status;
    this.errors = errors;
  }
}

const SHOWN_MS = 300_000;

/** Answers one request as the cluster would at this moment. @throws Refusal */
export function answer(
  c: Cluster,
  weather: Weather,
  sight: Sight,
  path: string,
  query: URLSearchParams,
): unknown {
  const view = c.heard;
  const sees = (life: Life) => sight.only === null || at(life, 'pool', view) === sight.only;
  const parts = path.split('/').filter(Boolean);
  const all = parts.join('/');
  if (all === 'version') return { version: '9.2.11', release: '9.2' };
  if (all === 'access/permissions') return permissions(c, sight, query.get('path'));
  if (all === 'cluster/resources') return resources(c, weather, sight, sees);
  if (all === 'cluster/nextid') {
    const vmid = Number(query.get('vmid'));
    if (c.known().some(life => life.vmid === vmid))
      throw new Refusal(400, 'Parameter verification failed.', { vmid: `VM ${vmid} already exists` });
    return String(vmid);
  }
  if (all === 'cluster/log') {
    if (weather.noLog) throw new Refusal(500, 'unable to read the log');
    const max = Number(query.get('max') ?? 50);
    return sight.syslog
      ? c.log
          .filter(line => c.quorate || line.node === 'pve1' || line.at <= view)
          .map(line => ({
            id: `${line.n}:${line.node}`,
            uid: String(line.n),
            node: line.node,
            msg: line.msg,
            user: line.user,
            pid: 1,
            pri: 6,
            tag: 'pvedaemon',
            time: seconds(line.at + line.ahead),
          }))
          .reverse()
          .slice(0, max)
      : [];
  }
  if (parts[0] === 'cluster' && !sight.audit)
    throw new Refusal(403, 'Permission check failed (/, Sys.Audit)');
  if (all === 'cluster/status') {
    if (weather.noStatus) throw new Refusal(500, 'cluster not ready');
    const members = [...c.nodes.values()].filter(node => node.member);
    return [
      {
        type: 'cluster',
        id: 'cluster',
        name: 'witness',
        nodes: members.length,
        quorate: c.quorate ? 1 : 0,
        version: 3,
      },
      ...members.map((node, n) => ({
        type: 'node',
        id: `node/${node.name}`,
        name: node.name,
        nodeid: n + 1,
        online: online(c, node.name) ? 1 : 0,
        local: node.name === 'pve1' ? 1 : 0,
        ip: `10.0.0.${n + 1}`,
      })),
    ];
  }
  if (all === 'cluster/config/nodes')
    return [...c.nodes.keys()].map((name, n) => ({
      name,
      node: name,
      nodeid: String(n + 1),
      quorum_votes: '1',
    }));
  if (all === 'cluster/options') return {};
  if (parts[0] === 'cluster') return [];
  if (all === 'pools') return sight.pools ? c.pools.map(poolid => ({ poolid })) : [];
  if (all === 'storage') return [];
  if (parts[0] === 'nodes') return ofNode(c, weather, sight, parts.slice(1), query);
  throw new Refusal(501, `Method 'GET ${path}' not implemented`);
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function online(c: Cluster, name: string): boolean {
  return c.nodes.get(name)!.on && (c.quorate || name === 'pve1');
}

function permissions(c: Cluster, sight: Sight, path: string | null): object {
  const held: { [path: string]: object } = {};
  const has = (at: string, ...privileges: string[]) => {
    held[at] = { ...held[at], ...Object.fromEntries(privileges.map(one => [one, 1])) };
  };
  if (sight.only === null) {
    for (const at of ['/vms', '/']) has(at, 'VM.Audit', 'VM.Backup');
    has('/storage', 'Datastore.Audit', 'Datastore.AllocateSpace');
  } else {
    has(`/pool/${sight.only}`, 'VM.Audit');
    for (const life of c.known())
      if (at(life, 'pool', c.heard) === sight.only) has(`/vms/${life.vmid}`, 'VM.Audit');
  }
  if (sight.audit) for (const at of ['/', '/nodes']) has(at, 'Sys.Audit');
  if (sight.syslog) has('/', 'Sys.Syslog');
  if (sight.pools) has('/pool', 'Pool.Audit');
  if (path === null) return held;
  const root = path.replace(/^(\/[a-z]+)\/.*/, '$1');
  return { [path]: held[path] ?? held[root] ?? {} };
}

function resources(c: Cluster, weather: Weather, sight: Sight, sees: (life: Life) => boolean): object[] {
  const view = c.heard;
  const rows: { [field: string]: unknown }[] = [];
  for (const node of c.nodes.values()) {
    if (!node.member) continue;
    const up = online(c, node.name);
    const fresh = node.told !== null && c.t - node.told.at < SHOWN_MS;
    rows.push({
      type: 'node',
      id: `node/${node.name}`,
      node: node.name,
      status: !up ? 'offline' : fresh ? 'online' : 'unknown',
      ...(fresh &&
        sight.audit && { uptime: node.told!.uptime, cpu: 0.1, maxcpu: 8, mem: 1_000_000, maxmem: 8_000_000 }),
    });
  }
  for (const life of c.known()) {
    if (!sees(life) || weather.missing.has(life.key)) continue;
    const stats = c.stats.get(life.vmid);
    const fresh = stats !== undefined && c.t - stats.at < SHOWN_MS;
    const pool = at(life, 'pool', view);
    const ha = at(life, 'ha', view);
    const tags = at(life, 'tags', view);
    const row: { [field: string]: unknown } = {
      type: life.kind === 'vm' ? 'qemu' : 'lxc',
      id: `${life.kind === 'vm' ? 'qemu' : 'lxc'}/${life.vmid}`,
      vmid: life.vmid,
      node: at(life, 'node', view),
      status: 'unknown',
      ...(pool !== null && sight.pools && { pool }),
      ...(ha !== null && { hastate: ha }),
      ...(tags !== '' && { tags }),
      ...(life.lock !== null && { lock: life.lock }),
      ...(fresh && {
        name: stats.name ?? `VM ${life.vmid}`,
        status: stats.status,
        uptime: stats.uptime,
        template: stats.template ? 1 : 0,
        cpu: 0.1,
        maxcpu: 2,
        mem: 1_000,
        maxmem: 100_000,
        disk: 0,
        maxdisk: 1_000_000,
        netin: 1,
        netout: 1,
      }),
    };
    for (const odd of weather.odd) if (odd.key === life.key && odd.field in row) row[odd.field] = odd.value;
    rows.push(row);
  }
  if (sight.pools) for (const pool of c.pools) rows.push({ type: 'pool', id: `/pool/${pool}`, pool });
  return rows;
}

function ofNode(
  c: Cluster,
  weather: Weather,
  sight: Sight,
  [name, ...rest]: string[],
  query: URLSearchParams,
): unknown {
  const node = c.nodes.get(name!);
  if (node === undefined || !node.member) throw new Refusal(500, `hostname lookup '${name}' failed`);
  if (!online(c, node.name)) throw new Refusal(595, 'Connection refused');
  if (node.hung) throw new Refusal(596, 'Connection timed out');
  const audited = () => {
    if (!sight.audit) throw new Refusal(403, `Permission check failed (/nodes/${name}, Sys.Audit)`);
  };
  switch (rest.join('/')) {
    case 'version':
      return { version: '9.2.11', release: '9.2' };
    case 'time':
      audited();
      return { time: seconds(c.t + node.ahead), localtime: 0, timezone: 'UTC' };
    case 'status':
      audited();
      return { pveversion: 'pve-manager/9.2.11/1', uptime: seconds(c.t - node.boot) };
    case 'certificates/info':
      return [{ filename: 'pve-root-ca.pem', fingerprint: Array(32).fill('AB').join(':') }];
    case 'storage':
    case 'replication':
      return [];
    case 'tasks':
      return tasks(c, weather, sight, node.name, query);
    case 'qemu':
    case 'lxc':
      return c
        .known()
        .filter(
          life =>
            life.kind === (rest[0] === 'qemu' ? 'vm' : 'container') &&
            at(life, 'node', c.heard) === name &&
            (sight.only === null || at(life, 'pool', c.heard) === sight.only),
        )
        .map(life => ({
          vmid: life.vmid,
          status: now(life, 'status'),
          name: now(life, 'name'),
          uptime: life.boot === null ? 0 : seconds(c.t - life.boot),
          cpus: 2,
          maxmem: 100_000,
          ...(now(life, 'template') === true && { template: 1 }),
          ...(now(life, 'tags') !== '' && { tags: now(life, 'tags') }),
          ...(life.lock !== null && { lock: life.lock }),
        }));
  }
  if (rest[0] === 'tasks' && rest[2] === 'log') {
    audited();
    const task = node.tasks.find(one => upidOf(one) === rest[1]);
    if (task === undefined) return [{ n: 1, t: 'unable to open file - No such file or directory' }];
    const lines = [...task.log, ...(task.end === null ? [] : [`TASK ${task.status}`])];
    return lines.map((t, n) => ({ n: n + 1, t }));
  }
  if (rest[0] === 'qemu' || rest[0] === 'lxc') return ofGuest(c, weather, sight, node.name, rest, query);
  throw new Refusal(501, 'not implemented');
}

function tasks(c: Cluster, weather: Weather, sight: Sight, name: string, query: URLSearchParams): object[] {
  if (weather.noTasks.has(name)) throw new Refusal(500, 'cannot read the task list');
  if (!sight.audit) return [];
  const { tasks } = c.nodes.get(name)!;
  const since = Number(query.get('since') ?? 0);
  const start = Number(query.get('start') ?? 0);
  return tasks
    .map(task => {
      const begun = seconds(task.start + task.ahead);
      return {
        upid: upidOf(task),
        node: name,
        type: task.type,
        id: task.id,
        user: task.user,
        starttime: begun,
        ...(task.end === null
          ? { status: 'RUNNING' }
          : { status: task.status, endtime: seconds(task.end + task.ahead) }),
        pid: 1,
        pstart: 1,
      };
    })
    .filter(task => task.starttime >= since)
    .reverse()
    .slice(start, start + Number(query.get('limit') ?? 50));
}

function upidOf({ node, pid, ticks, start, ahead, type, id, user }: Task): string {
  const hex = (n: number) => n.toString(16).toUpperCase().padStart(8, '0');
  return `UPID:${node}:${hex(pid)}:${hex(ticks)}:${hex(seconds(start + ahead))}:${type}:${id}:${user}:`;
}

function ofGuest(
  c: Cluster,
  weather: Weather,
  sight: Sight,
  node: string,
  [family, id, ...what]: string[],
  query: URLSearchParams,
): unknown {
  const kind = family === 'qemu' ? 'vm' : 'container';
  const view = c.heard;
  const life = c
    .known()
    .find(one => one.kind === kind && one.vmid === Number(id) && at(one, 'node', view) === node);
  const pooled = c.known().some(one => one.vmid === Number(id) && at(one, 'pool', view) === sight.only);
  if (sight.only !== null && !pooled)
    throw new Refusal(403, `Permission check failed (/vms/${id}, VM.Audit)`);
  const conf = `nodes/${node}/${kind === 'vm' ? 'qemu-server' : 'lxc'}/${id}.conf`;
  if (life === undefined) throw new Refusal(500, `Configuration file '${conf}' does not exist`);
  const refusal = weather.refusing.get(life.key);
  if (refusal !== undefined) throw new Refusal(refusal.status, refusal.reason);
  const value = (path: string) => at(life, path, view);
  const config: { [key: string]: unknown } = {
    [kind === 'vm' ? 'name' : 'hostname']: value('name'),
    memory: kind === 'vm' ? String(value('config.memory')) : value('config.memory'),
    cores: value('config.cores'),
    digest: 'd'.repeat(40),
    ...(value('tags') !== '' && { tags: value('tags') }),
    ...(value('config.description') !== null && { description: value('config.description') }),
    ...(value('template') === true && { template: 1 }),
    ...(life.parent !== null && { parent: life.parent }),
    // Whoever has no card was cloned by a task that tells what it made.
    ...(kind === 'container' &&
      life.vmid % 2 === 0 && {
        net0: `name=eth0,bridge=vmbr0,hwaddr=BC:24:11:${life.uuid.slice(2, 8).match(/../g)!.join(':')},type=veth`,
      }),
    ...(kind === 'vm' && {
      smbios1: `uuid=${life.uuid}`,
      vmgenid: value('config.vmgenid'),
      meta: `creation-qemu=10.0.13,ctime=${seconds(life.ctime)}`,
    }),
    ...(life.lock !== null && { lock: life.lock }),
  };
  for (const odd of weather.odd)
    if (odd.key === life.key && odd.field in config) config[odd.field] = odd.value;
  switch (what.join('/')) {
    case 'config': {
      if (query.get('current') === '1') return config;
      const waits = Object.fromEntries(
        ['memory', 'cores'].flatMap(key =>
          value(`pending.${key}`) === null ? [] : [[key, value(`pending.${key}`)]],
        ),
      );
      return { ...config, ...waits };
    }
    case 'pending':
      if (weather.noPending.has(life.key)) throw new Refusal(400, 'Parameter verification failed.', {});
      return Object.entries(config).map(([key, one]) => ({
        key,
        value: one,
        ...(value(`pending.${key}`) !== null && { pending: value(`pending.${key}`) }),
      }));
    case 'status/current':
      return {
        vmid: life.vmid,
        status:
          value('status') === 'running' || now(life, 'status') === 'running'
            ? now(life, 'status')
            : 'stopped',
        ...(kind === 'vm' && { qmpstatus: now(life, 'status') }),
        ...(now(life, 'status') === 'running' && kind === 'vm' && { 'running-qemu': '10.0.13' }),
        name: value('name'),
        uptime: life.boot === null ? 0 : seconds(c.t - life.boot),
        ...(life.lock !== null && { lock: life.lock }),
      };
    case 'snapshot':
      return [
        ...life.snapshots.map(one => ({
          name: one.name,
          snaptime: seconds(one.at),
          description: '',
          vmstate: 0,
          ...(one.parent !== null && { parent: one.parent }),
          ...(one.state !== null && { snapstate: one.state }),
        })),
        {
          name: 'current',
          description: 'You are here!',
          ...(life.parent !== null && { parent: life.parent }),
          running: 1,
        },
      ];
    case 'agent/network-get-interfaces':
      throw new Refusal(500, 'No QEMU guest agent configured');
    case 'interfaces':
      return [];
  }
  throw new Refusal(501, 'not implemented');
}
