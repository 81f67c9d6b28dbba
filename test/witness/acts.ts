import { type Cluster, type Kind, type Life, now } from './cluster.ts';

/** Draws numbers from 0 to 1. */
export type Draw = () => number;

export function mulberry(seed: number): Draw {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(draw: Draw, list: readonly T[]): T | undefined =>
  list[Math.floor(draw() * list.length)];

const VMIDS = Array.from({ length: 12 }, (_, n) => 100 + n);
/** How far a change may be seen before its task is over (ms). */
const prefix = { vm: 'qm', container: 'vz' } as const;

type Act = (c: Cluster, draw: Draw) => void;

/** Guests nothing is done to just now. */
function idle(c: Cluster, ok: (life: Life) => boolean = () => true): Life[] {
  return c.alive().filter(life => life.busy <= c.t && ok(life));
}
const nodeOf = (c: Cluster, life: Life) => c.nodes.get(String(now(life, 'node')))!;
/** A node whose API would do something: cut off, the minority may not. */
const acting = (c: Cluster, name: string) =>
  c.nodes.get(name)!.on && c.nodes.get(name)!.member && (c.quorate || name !== 'pve1');
const reachable = (c: Cluster) => (life: Life) => acting(c, String(now(life, 'node')));
const is = (life: Life, status: string) => now(life, 'status') === status;

function during(
  c: Cluster,
  life: Life,
  type: string,
  ms: number,
  user: string,
  done: (start: number) => unknown,
  lock: string | null = null,
  log: readonly string[] = [],
): void {
  const start = c.t;
  const node = String(now(life, 'node'));
  const task = c.begin(node, type, life.vmid, user, log);
  life.busy = c.t + ms;
  life.lock = lock;
  c.after(ms, () => {
    if (life.lock === lock) life.lock = null;
    // Nothing can be done by a node that was cut off meanwhile.
    if (life.died !== null || !acting(c, node)) c.end(task, 'unexpected status');
    else c.end(task, done(start) === 'failed' ? 'aborted' : 'OK');
  });
}

function begin(c: Cluster, life: Life, user: string | null, told: boolean, at = c.t): void {
  c.set(life, 'status', 'running', user, told, at);
  life.boot = c.t;
  c.set(life, 'started_at', c.t, user, told, at);
  apply(c, life, user, told);
}
/** What waits takes effect as a task stops a VM; where that died or powered off from within, or is a container, it goes on waiting. */
function end(c: Cluster, life: Life, user: string | null, told: boolean, at = c.t): void {
  c.set(life, 'status', 'stopped', user, told, at);
  life.boot = null;
  if (told && life.kind === 'vm') apply(c, life, user, told);
}
function apply(c: Cluster, life: Life, user: string | null, told: boolean): void {
  for (const key of ['memory', 'cores']) {
    const waits = now(life, `pending.${key}`);
    if (waits === null) continue;
    c.set(life, `config.${key}`, waits, user, told);
    c.set(life, `pending.${key}`, null, user, told);
  }
}

function create(c: Cluster, draw: Draw, kind: Kind): void {
  const vmid = pick(
    draw,
    VMIDS.filter(id => !c.alive().some(life => life.vmid === id)),
  );
  const node = pick(
    draw,
    [...c.nodes.keys()].filter(name => acting(c, name)),
  );
  if (vmid === undefined || node === undefined) return;
  make(c, kind, vmid, node);
}

function make(
  c: Cluster,
  kind: Kind,
  vmid: number,
  node: string,
  given: { [path: string]: unknown } = {},
): void {
  const user = c.user();
  // Some come from a backup, and bear the time of whoever that was made of.
  const isRestored = vmid % 4 === 0;
  const task = c.begin(node, `${prefix[kind]}${isRestored ? 'restore' : 'create'}`, vmid, user);
  const life = c.birth(kind, vmid, node, user, true, given);
  if (isRestored) life.ctime -= 300_000_000;
  life.busy = c.t + 3_000;
  c.after(2_000, () => c.end(task));
}

/** What a clone's log tells of what it makes: of a container's nothing where its storage is of ZFS. */
function toldByClone(source: Life, vmid: number): string[] {
  if (source.kind === 'vm') return [`creating a clone of VM ${source.vmid} with ID ${vmid}`];
  return vmid % 2 === 0 ? [] : [`  Logical volume "vm-${vmid}-disk-0" created.`];
}

function snapshot(c: Cluster, draw: Draw): void {
  const life = pick(
    draw,
    idle(c, one => reachable(c)(one) && now(one, 'template') === false),
  );
  if (life === undefined) return;
  const user = c.user();
  const name = `s${c.number()}`;
  const ms = draw() < 0.5 ? 3_000 : 30_000 + Math.floor(draw() * 200_000);
  const one = {
    name,
    at: Math.floor((c.t + nodeOf(c, life).ahead) / 1000) * 1000,
    parent: life.parent,
    state: 'prepare' as 'prepare' | null,
    memory: Number(now(life, 'config.memory')),
  };
  life.snapshots.push(one);
  if (life.kind === 'vm') c.line(life, user, `snapshot VM ${life.vmid}: ${name}`);
  const start = c.t;
  const node = nodeOf(c, life);
  during(
    c,
    life,
    `${prefix[life.kind]}snapshot`,
    ms,
    user,
    () => {
      one.state = null;
      life.parent = name;
      c.set(life, `snapshots.${name}`, one.at, user, true, start);
    },
    'snapshot',
  );
  // A node that fails in between leaves it half made.
  c.after(ms + 1, () => {
    if (one.state === 'prepare' && !node.on) life.snapshots = life.snapshots.filter(other => other !== one);
  });
}

function dropSnapshot(c: Cluster, draw: Draw): void {
  const life = pick(
    draw,
    idle(c, one => reachable(c)(one) && one.snapshots.some(s => s.state === null)),
  );
  if (life === undefined) return;
  const one = pick(
    draw,
    life.snapshots.filter(s => s.state === null),
  )!;
  const user = c.user();
  one.state = 'delete';
  c.line(life, user, `delete snapshot VM ${life.vmid}: ${one.name}`);
  const ms = draw() < 0.5 ? 2_000 : 40_000;
  const start = c.t;
  const gone = (told: boolean) => {
    life.snapshots = life.snapshots.filter(other => other !== one);
    for (const other of life.snapshots) if (other.parent === one.name) other.parent = one.parent;
    if (life.parent === one.name) life.parent = one.parent;
    c.set(life, `snapshots.${one.name}`, null, told ? user : null, told, start);
  };
  during(c, life, `${prefix[life.kind]}delsnapshot`, ms, user, () => gone(true), 'snapshot-delete');
  c.after(ms + 1, () => {
    if (one.state === 'delete' && life.snapshots.includes(one)) one.state = null;
  });
}

function rollback(c: Cluster, draw: Draw): void {
  const life = pick(
    draw,
    idle(c, one => reachable(c)(one) && one.snapshots.some(s => s.state === null)),
  );
  if (life === undefined) return;
  const one = pick(
    draw,
    life.snapshots.filter(s => s.state === null),
  )!;
  const user = c.user();
  during(
    c,
    life,
    `${prefix[life.kind]}rollback`,
    4_000,
    user,
    start => {
      c.set(life, 'config.memory', one.memory, user, true, start);
      for (const key of ['memory', 'cores']) c.set(life, `pending.${key}`, null, user, true, start);
      if (life.kind === 'vm')
        c.set(
          life,
          'config.vmgenid',
          `${c.number().toString(16).padStart(8, '0')}-1111-4000-8000-000000000000`,
          user,
          true,
          start,
        );
      life.parent = one.name;
      if (is(life, 'running')) {
        c.set(life, 'status', 'stopped', user, true, start);
        life.boot = null;
      }
    },
    'rollback',
  );
}

function migrate(c: Cluster, draw: Draw, life: Life, done?: () => void): void {
  const from = String(now(life, 'node'));
  const to = pick(
    draw,
    [...c.nodes.keys()].filter(name => name !== from && acting(c, name)),
  );
  if (to === undefined || !acting(c, from)) return;
  const user = c.user();
  const ms = 4_000 + Math.floor(draw() * 20_000);
  during(
    c,
    life,
    life.kind === 'vm' ? 'qmigrate' : 'vzmigrate',
    ms,
    user,
    start => {
      if (!c.nodes.get(to)!.on) return 'failed';
      c.set(life, 'node', to, user, true, start);
      if (!is(life, 'running')) return;
      if (life.kind === 'vm') {
        life.boot = start + 1_000;
        life.moves.push(life.boot);
      } else {
        life.boot = c.t;
        c.set(life, 'started_at', c.t, user, true, start);
        apply(c, life, user, true);
      }
      done?.();
    },
    'migrate',
  );
}

/** What may happen to a cluster, by how often it does. */
export const ACTS: [weight: number, act: Act][] = [
  [4, (c, draw) => create(c, draw, draw() < 0.5 ? 'vm' : 'container')],
  [
    4,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => is(one, 'stopped') && reachable(c)(one)),
      );
      if (life === undefined) return;
      const user = c.user();
      during(c, life, `${prefix[life.kind]}destroy`, 2_000, user, () => {
        c.death(life, user, true);
        if (draw() < 0.5) return;
        // The VMID is given away at once, maybe to the other type.
        c.after(1_000 + Math.floor(draw() * 3_000), () => {
          const node = draw() < 0.5 ? String(now(life, 'node')) : 'pve2';
          if (!acting(c, node) || c.alive().some(one => one.vmid === life.vmid)) return;
          const kind = draw() < 0.7 ? life.kind : draw() < 0.5 ? 'vm' : 'container';
          make(c, kind, life.vmid, node, draw() < 0.5 ? { name: now(life, 'name') } : {});
        });
      });
    },
  ],
  // Somebody removes a configuration by hand, or moves it to another node.
  [
    1,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => c.quorate && is(one, 'stopped')),
      );
      if (life !== undefined) c.death(life, null, false);
    },
  ],
  [
    1,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => c.quorate && is(one, 'stopped')),
      );
      const to = pick(
        draw,
        [...c.nodes.keys()].filter(name => acting(c, name)),
      );
      if (life !== undefined && to !== undefined) c.set(life, 'node', to);
    },
  ],
  [
    2,
    (c, draw) => {
      const source = pick(
        draw,
        idle(c, one => reachable(c)(one) && is(one, 'stopped')),
      );
      const vmid = pick(
        draw,
        VMIDS.filter(id => !c.alive().some(life => life.vmid === id)),
      );
      if (source === undefined || vmid === undefined) return;
      const user = c.user();
      const node = String(now(source, 'node'));
      const life = c.birth(source.kind, vmid, node, user, true, {
        'config.memory': now(source, 'config.memory'),
      });
      life.ctime = source.ctime;
      life.busy = c.t + 3_000;
      const log = toldByClone(source, vmid);
      during(c, source, `${prefix[source.kind]}clone`, 3_000, user, () => {}, null, log);
    },
  ],
  [
    2,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => reachable(c)(one) && is(one, 'stopped') && now(one, 'template') === false),
      );
      if (life === undefined) return;
      const user = c.user();
      during(c, life, `${prefix[life.kind]}restore`, 5_000, user, start => {
        c.set(life, 'config.memory', 512 + Math.floor(draw() * 8) * 256, user, true, start);
        if (life.kind === 'vm')
          c.set(
            life,
            'config.vmgenid',
            `${c.number().toString(16).padStart(8, '0')}-1111-4000-8000-000000000000`,
            user,
            true,
            start,
          );
        for (const key of ['memory', 'cores']) c.set(life, `pending.${key}`, null, user, true, start);
        for (const { name } of life.snapshots) c.set(life, `snapshots.${name}`, null, user, true, start);
        life.snapshots = [];
        life.parent = null;
      });
    },
  ],
  [
    6,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => reachable(c)(one) && is(one, 'stopped') && now(one, 'template') === false),
      );
      if (life === undefined) return;
      const user = c.user();
      during(c, life, `${prefix[life.kind]}start`, 1_500, user, start => begin(c, life, user, true, start));
    },
  ],
  [
    4,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => reachable(c)(one) && is(one, 'running')),
      );
      if (life === undefined) return;
      const user = c.user();
      during(c, life, `${prefix[life.kind]}${draw() < 0.5 ? 'stop' : 'shutdown'}`, 2_000, user, start =>
        end(c, life, user, true, start),
      );
    },
  ],
  [
    3,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => reachable(c)(one) && is(one, 'running')),
      );
      if (life === undefined) return;
      const user = c.user();
      during(c, life, `${prefix[life.kind]}reboot`, 4_000, user, start => {
        life.boot = c.t;
        c.set(life, 'started_at', c.t, user, true, start);
        apply(c, life, user, true);
      });
    },
  ],
  // It dies, or powers off from within.
  [
    2,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => nodeOf(c, one).on && is(one, 'running')),
      );
      if (life !== undefined) end(c, life, null, false);
    },
  ],
  [
    5,
    (c, draw) => {
      const life = pick(
        draw,
        idle(c, one => one.kind === 'vm' && is(one, 'running')),
      );
      if (life !== undefined)
        migrate(c, draw, life, () => {
          if (draw() < 0.4)
            c.after(6_000, () => {
              if (life.died === null && life.busy <= c.t && is(life, 'running')) migrate(c, draw, life);
            });
        });
    },
  ],
  [
    2,
    (c, draw) => {
      const life = pick(draw, idle(c, reachable(c)));
      if (life !== undefined) migrate(c, draw, life);
    },
  ],
  [5, snapshot],
  [3, dropSnapshot],
  [2, rollback],
  [
    6,
    (c, draw) => {
      const life = pick(draw, idle(c, reachable(c)));
      if (life === undefined) return;
      const user = c.user();
      const key = draw() < 0.5 ? 'memory' : 'cores';
      const value = key === 'memory' ? 512 + Math.floor(draw() * 8) * 256 : 1 + Math.floor(draw() * 6);
      const told = c.edit(life, user, `-${key} ${value}`);
      const path = is(life, 'running') && life.kind === 'vm' ? `pending.${key}` : `config.${key}`;
      c.set(
        life,
        path,
        path.startsWith('pending') && now(life, `config.${key}`) === value ? null : value,
        user,
        told,
      );
      if (path === `config.${key}`) c.set(life, `pending.${key}`, null, user, told);
      if (is(life, 'stopped')) apply(c, life, user, told);
    },
  ],
  [
    4,
    (c, draw) => {
      const life = pick(draw, idle(c, reachable(c)));
      if (life === undefined) return;
      const user = c.user();
      const what = pick(draw, ['name', 'tags', 'config.description'])!;
      const value = draw() < 0.25 && what !== 'name' ? null : `x${c.number()}`;
      const key = {
        name: life.kind === 'vm' ? 'name' : 'hostname',
        tags: 'tags',
        'config.description': 'description',
      }[what]!;
      const told = c.edit(life, user, value === null ? `-delete ${key}` : `-${key} ${value}`);
      c.set(life, what, what === 'tags' ? (value ?? '') : value, user, told);
      // Whoever edits a guest that is off puts into effect what its end left waiting.
      if (is(life, 'stopped')) apply(c, life, user, told);
    },
  ],
  [
    4,
    (c, draw) => {
      if (!c.quorate) return;
      const life = pick(draw, c.alive());
      if (life !== undefined) c.set(life, 'pool', pick(draw, [null, ...c.pools])!);
    },
  ],
  [
    3,
    (c, draw) => {
      if (!c.quorate) return;
      const life = pick(draw, idle(c));
      if (life !== undefined) c.set(life, 'ha', pick(draw, [null, 'started', 'stopped', 'ignored'])!);
    },
  ],
  // A configuration is edited by hand, wherever it is.
  [
    2,
    (c, draw) => {
      const life = pick(draw, idle(c));
      if (life !== undefined && c.quorate) c.set(life, 'tags', `h${c.number()}`);
    },
  ],
  [
    1,
    (c, draw) => {
      const life = pick(
        draw,
        idle(
          c,
          one =>
            one.kind === 'vm' &&
            reachable(c)(one) &&
            is(one, 'stopped') &&
            one.snapshots.length === 0 &&
            now(one, 'template') === false,
        ),
      );
      if (life === undefined || draw() < 0.7) return;
      const user = c.user();
      during(c, life, 'qmtemplate', 2_000, user, start => c.set(life, 'template', true, user, true, start));
    },
  ],
  [3, (c, draw) => nodeOff(c, pick(draw, ['pve2', 'pve3'])!)],
  [
    5,
    (c, draw) => {
      const name = pick(draw, ['pve2', 'pve3'])!;
      if (c.nodes.get(name)!.on) return;
      if (draw() < 0.3) reinstall(c, draw, name);
      else nodeOn(c, draw, name);
    },
  ],
  [
    1,
    (c, draw) => {
      const node = c.nodes.get(pick(draw, ['pve2', 'pve3'])!)!;
      node.hung = !node.hung;
    },
  ],
  [
    1,
    (c, draw) => {
      const node = c.nodes.get(pick(draw, ['pve1', 'pve2', 'pve3'])!)!;
      node.mute = !node.mute;
    },
  ],
  [1, c => setQuorum(c, false)],
  [2, c => setQuorum(c, true)],
  [
    1,
    (c, draw) => {
      const node = c.nodes.get(pick(draw, ['pve2', 'pve3'])!)!;
      node.ahead = pick(draw, [0, 0, 90_000, -90_000, 400_000])!;
      node.aheadSince = c.t;
    },
  ],
];

function fact(c: Cluster, name: string, path: string, value: unknown): void {
  const turns = c.nodes.get(name)!.facts.get(path)!;
  if (turns.at(-1)!.value !== value) turns.push(c.turn(value, null, false));
  c.moved = c.t;
}

export function setQuorum(c: Cluster, value: boolean): void {
  if (c.quorate === value || ![...c.nodes.values()].every(node => node.on && node.member)) return;
  c.quorum.push(c.turn(value, null, false));
  c.moved = c.t;
}

export function nodeOff(c: Cluster, name: string): void {
  const node = c.nodes.get(name)!;
  // Two of three are needed.
  if (!node.on || ![...c.nodes.values()].every(one => one.on) || !c.quorate) return;
  node.on = false;
  fact(c, name, 'status', 'offline');
  for (const life of c.alive()) {
    if (now(life, 'node') !== name) continue;
    life.busy = 0;
    life.lock = null;
    if (is(life, 'running')) end(c, life, null, false);
    if (now(life, 'ha') === 'started') recover(c, life, node);
  }
}

/** High availability starts a guest of a node that stays dead elsewhere, by a task of its own there. */
function recover(c: Cluster, life: Life, { name }: { name: string }): void {
  const { boot } = c.nodes.get(name)!;
  c.after(120_000, () => {
    const { on, boot: last } = c.nodes.get(name)!;
    const isLost = !on && last === boot && now(life, 'node') === name && now(life, 'ha') === 'started';
    const to = [...c.nodes.keys()].find(one => acting(c, one));
    if (!isLost || !c.quorate || life.died !== null || to === undefined) return;
    c.set(life, 'node', to);
    during(c, life, `${prefix[life.kind]}start`, 3_000, 'root@pam', start =>
      begin(c, life, 'root@pam', true, start),
    );
  });
}

export function nodeOn(c: Cluster, draw: Draw, name: string): void {
  const node = c.nodes.get(name)!;
  if (node.on) return;
  Object.assign(node, { on: true, boot: c.t, hung: false, mute: false });
  fact(c, name, 'status', 'online');
  fact(c, name, 'started_at', c.t);
  for (const life of c.alive()) {
    if (now(life, 'node') !== name || draw() < 0.5 || now(life, 'template') === true) continue;
    during(c, life, `${prefix[life.kind]}start`, 5_000, 'root@pam', start =>
      begin(c, life, 'root@pam', true, start),
    );
  }
}

/** Its guests are gone without a task; some containers are made anew under their names. */
function reinstall(c: Cluster, draw: Draw, name: string): void {
  if (!c.quorate) return;
  const node = c.nodes.get(name)!;
  const gone = c.alive().filter(life => now(life, 'node') === name);
  for (const life of gone) c.death(life, null, false);
  node.tasks = [];
  node.ahead = 0;
  node.aheadSince = c.t;
  nodeOn(c, draw, name);
  for (const life of gone) {
    if (draw() < 0.5) continue;
    c.after(5_000 + Math.floor(draw() * 60_000), () => {
      if (!node.on || !acting(c, name) || c.alive().some(one => one.vmid === life.vmid)) return;
      make(c, life.kind, life.vmid, name, { name: now(life, 'name'), pool: now(life, 'pool') });
    });
  }
}

export function act(c: Cluster, draw: Draw): void {
  const total = ACTS.reduce((sum, [weight]) => sum + weight, 0);
  let left = draw() * total;
  for (const [weight, one] of ACTS) {
    left -= weight;
    if (left < 0) {
      one(c, draw);
      return;
    }
  }
}
