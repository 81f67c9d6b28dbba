import { isDeepStrictEqual } from 'node:util';
import type { Version } from '../../src/model/change.ts';
import type { StoreReader } from '../../src/model/store.ts';
import type { Change } from '../support/answer.ts';
import { type Cluster, type Life, now, type Turn } from './cluster.ts';

/** Rows repeat what was for so long, and clocks are known to whole seconds (ms). */
const LAG_MS = 13_000;
const NOISE_MS = 3_000;
/** What makes a guest is over after so long (ms). */
const TASK_MS = 4_000;
/** How exactly a start can be told (ms). */
const START_MS = 20_000;

interface Window {
  after: number;
  before: number;
}

/** Compares what was recorded with what was. */
export class Judge {
  readonly #c: Cluster;
  readonly #store: StoreReader;
  readonly #states = new Map<string, Version>();
  #seq = 0;
  /** When the last look that could see everything was, and nothing has been unclear since (ms). */
  clearSince: number | null = null;
  firstLook: number | null = null;
  /** The last look could read what everybody's tasks were. */
  tasksSeen = true;
  /** How far nodes' clocks are off could be read, or ours had not been set since it was. */
  clocksKnown = true;

  constructor(c: Cluster, store: StoreReader) {
    this.#c = c;
    this.#store = store;
  }

  /** Everything wrong with what was recorded since the last time. */
  async recorded(): Promise<string[]> {
    const versions = (await this.#store.versions({ after: this.#seq }, { limit: 10_000 })).reverse();
    versions.sort((a, b) => a.seq - b.seq || a.id - b.id);
    const wrong: string[] = [];
    for (const one of versions) {
      this.#seq = Math.max(this.#seq, one.seq);
      const name = `${one.type}/${one.resourceId}#${one.incarnation} ${one.change} @${one.seq} (${this.#time(one.windowAfter)}, ${this.#time(one.windowBefore)}]`;
      const tell = (what: string) => wrong.push(`${name}: ${what}`);
      this.#chain(one, tell);
      if (one.type === 'vm' || one.type === 'container') this.#guest(one, tell);
      else if (one.type === 'node') this.#node(one, tell);
    }
    return wrong;
  }

  #time(ms: number | null): string {
    return ms === null ? '-' : String((ms - (this.firstLook ?? 0)) / 1000);
  }

  #chain(one: Version, tell: (what: string) => void): void {
    const key = `${one.type}/${one.resourceId}`;
    const before = this.#states.get(key);
    this.#states.set(key, one);
    const living = before !== undefined && before.change !== 'deleted';
    if (one.change === 'created' || one.windowAfter === null) {
      if (living) tell(`begins a life while ${before.incarnation} goes on`);
      if (before !== undefined && one.incarnation <= before.incarnation) tell('its number is not new');
      return;
    }
    if (!living) {
      tell('is told of nobody');
      return;
    }
    if (one.incarnation !== before.incarnation) tell('is told of another life');
    if (one.change === 'deleted') {
      if (!isDeepStrictEqual(one.state, before.state))
        tell(`ended otherwise than it was: ${difference(before.state, one.state)}`);
      return;
    }
    if (one.change === 'updated' && one.fields.length === 0) tell('says nothing');
    const state = structuredClone(before.state) as Tree;
    for (const { path, from, to } of one.fields) {
      const was = get(state, path) ?? null;
      if (!isDeepStrictEqual(was, from)) tell(`${path} was ${text(was)}, not ${text(from)}`);
      if (isDeepStrictEqual(from, to)) tell(`${path} did not change`);
      put(state, path, to);
    }
    if (one.change === 'updated' && !isDeepStrictEqual(flat(state), flat(one.state as Tree)))
      tell(`untold: ${difference(state, one.state as Tree)}`);
    if (one.change === 'discovered') {
      // Knowledge gained of what had a value before, and another one: a change nobody tells.
      const told = flat(before.state as Tree);
      for (const [path, value] of flat(one.state as Tree)) {
        const was = told.get(path);
        if (was === undefined || isDeepStrictEqual(was, value)) continue;
        tell(`learnt ${path} ${text(was)} -> ${text(value)}`);
      }
    }
  }

  #guest(one: Version, tell: (what: string) => void): void {
    const lives = this.#c.lives.filter(life => life.key === `${one.type}/${one.resourceId}`);
    const window = { after: (one.windowAfter ?? 0) - LAG_MS, before: one.windowBefore + NOISE_MS };
    if (one.windowAfter !== null && one.windowAfter > one.windowBefore)
      tell('its window ends before it begins');
    if (one.change === 'created') {
      if (!lives.some(life => within(life.born, window)))
        tell(`nobody was born then: ${lives.map(life => this.#time(life.born.at))}`);
      return;
    }
    if (one.change === 'deleted') {
      if (!lives.some(life => life.died !== null && within(life.died, window)))
        tell(
          `nobody died then: ${lives.map(life => `${this.#time(life.born.at)}..${this.#time(life.died?.at ?? null)}`)}`,
        );
      return;
    }
    if (one.change === 'discovered') {
      if (one.windowAfter !== null) return;
      const life = lives.findLast(life => life.born.at <= window.before);
      if (life === undefined) {
        tell('does not exist');
        return;
      }
      // A clone bears the time of its original: without its task, listed as it ends, nothing tells that it was not there before.
      // Who stands on a node that is off cannot be asked: neither its own time nor its task can be read.
      const node = this.#c.nodes.get(String(now(life, 'node')))!;
      const isReachable = node.on;
      // Its own time is that of its node's clock, as that was when everything could be seen.
      const isDated = node.aheadSince <= (this.clearSince ?? 0) && life.ctime - node.ahead === life.born.at;
      const isEvident = life.kind === 'vm' && isDated && (this.clocksKnown || node.ahead === 0);
      const isTold = this.tasksSeen && life.born.at + TASK_MS < this.#c.t;
      if (this.clearSince !== null && life.born.at > this.clearSince && isReachable && (isEvident || isTold))
        tell(`was created at ${this.#time(life.born.at)}`);
      return;
    }
    for (const { path, from, to } of one.fields) {
      const fits = lives.flatMap(life =>
        (life.facts.get(path) ?? []).filter(turn => turn.at !== life.born.at && within(turn, window)),
      );
      if (fits.length === 0)
        tell(
          `${path} ${text(from)} -> ${text(to)}: nothing happened to it then (${lives.map(life => this.#line(life, path))})`,
        );
      else if (!fits.some(turn => same(path, turn.value, to)) && !this.#cameUnseen(path, to, lives))
        tell(`${path} ${text(from)} -> ${text(to)}: it became ${fits.map(turn => text(turn.value))}`);
    }
  }

  /** Whoever was off and runs where it was may have left, been started and come back: nothing but tasks could tell. */
  #cameUnseen(path: string, told: unknown, lives: readonly Life[]): boolean {
    const isArrival = (life: Life) => life.moves.some(at => Math.abs(at - Number(told)) < START_MS);
    return path === 'started_at' && !this.tasksSeen && lives.some(isArrival);
  }

  #line(life: Life, path: string): string {
    return `born ${this.#time(life.born.at)} ${(life.facts.get(path) ?? []).map(turn => `${this.#time(turn.at)}..${this.#time(turn.until)}=${text(turn.value)}`).join(' ')}`;
  }

  #node(one: Version, tell: (what: string) => void): void {
    const node = this.#c.nodes.get(one.resourceId);
    if (node === undefined) {
      tell('there is no such node');
      return;
    }
    if (one.change === 'created' || one.change === 'deleted') {
      tell('did not happen');
      return;
    }
    const window = { after: (one.windowAfter ?? 0) - LAG_MS, before: one.windowBefore + NOISE_MS };
    for (const { path, from, to } of one.fields) {
      const turns = (node.facts.get(path) ?? []).slice(1);
      const fits = turns.filter(turn => within(turn, window));
      if (!fits.some(turn => same(path, turn.value, to)))
        tell(
          `${path} ${text(from)} -> ${text(to)}: did not happen then (${turns.map(turn => `${this.#time(turn.at)}=${text(turn.value)}`)})`,
        );
    }
  }

  /** Everything in which the store's present differs from the cluster's, when all of it could be seen. */
  async present(): Promise<string[]> {
    const wrong: string[] = [];
    const recorded = new Map(
      (await this.#store.everythingAt(Number.MAX_SAFE_INTEGER)).map(one => [
        `${one.type}/${one.resourceId}`,
        one,
      ]),
    );
    const alive = new Map(this.#c.alive().map(life => [life.key, life]));
    for (const [key, one] of recorded)
      if ((one.type === 'vm' || one.type === 'container') && !alive.has(key))
        wrong.push(`${key} is gone, untold`);
    for (const [key, life] of alive) {
      const state = recorded.get(key)?.state as Tree | undefined;
      if (state === undefined) {
        wrong.push(`${key} is there, untold`);
        continue;
      }
      const told = flat(state);
      const paths = new Set([
        ...life.facts.keys(),
        ...[...told.keys()].filter(path => /^(?:pending|snapshots)\./.test(path)),
      ]);
      for (const path of paths) {
        const value = now(life, path);
        if (path === 'started_at') {
          if (now(life, 'status') !== 'running') continue;
          const was = Number(told.get(path) ?? 0);
          // Who is started again within a minute, or within one of its arrival, is told as started once.
          const close =
            life.moves.some(at => at > Number(value) - 70_000) ||
            (life.facts.get(path) ?? []).some(
              turn => turn.at > Number(value) - 70_000 && same(path, turn.value, was),
            );
          if (!close && !this.#unseenStart(life, was))
            wrong.push(`${key} started_at is ${this.#time(was)}, really ${this.#time(Number(value))}`);
        } else if (!same(path, value, told.get(path) ?? null))
          wrong.push(
            `${key} ${path} is ${text(told.get(path) ?? null)}, really ${text(value)} (${this.#line(life, path)})`,
          );
      }
    }
    for (const node of this.#c.nodes.values()) {
      const state = recorded.get(`node/${node.name}`)?.state as Tree | undefined;
      for (const path of ['status', 'started_at']) {
        // No machine boots twice within a minute: that is told as once.
        const boots = path === 'started_at' ? node.facts.get(path)!.map(turn => Number(turn.value)) : [];
        const close = boots.filter(at => at > boots.at(-1)! - 60_000);
        if (![now(node, path), ...close].some(real => same(path, real, state?.[path])))
          wrong.push(`node/${node.name} ${path} is ${text(state?.[path])}, really ${text(now(node, path))}`);
      }
    }
    const quorate = (
      recorded.get('cluster/cluster') ?? [...recorded.values()].find(one => one.type === 'cluster')
    )?.state as Tree | undefined;
    if (quorate?.['quorate'] !== this.#c.quorate) wrong.push(`quorate is ${text(quorate?.['quorate'])}`);
    return wrong;
  }

  /** Who came running to where it was first seen was started before: nobody can tell when. */
  #unseenStart(life: Life, told: number): boolean {
    const first = this.#states.get(life.key);
    return first !== undefined && life.moves.some(at => Math.abs(at - told) < START_MS);
  }

  /** False authors among what history tells; `named`: of what Proxmox tells. */
  authors(rows: Change[]): string[] {
    const wrong: string[] = [];
    for (const row of rows) {
      if (row.change === undefined || row.causes === undefined) continue;
      const lives = this.#c.lives.filter(life => life.key === row.resource);
      const window = {
        after: Date.parse(row.window?.after ?? row.window?.before) - LAG_MS,
        before: Date.parse(row.window?.before) + NOISE_MS,
      };
      const turnsOf = (path: string): Turn[] =>
        row.change === 'created'
          ? lives.map(life => life.born).filter(turn => within(turn, window))
          : row.change === 'deleted'
            ? lives
                .flatMap(life => (life.died === null ? [] : [life.died]))
                .filter(turn => within(turn, window))
            : lives.flatMap(life =>
                [...(life.facts.get(path) ?? []), ...waited(life, path)].filter(
                  turn => turn.at !== life.born.at && within(turn, window),
                ),
              );
      const paths: string[] = (row.fields ?? [{ path: row.change }]).map(field => field.path);
      for (const cause of row.causes) {
        const named: string[] = cause.fields ?? paths;
        for (const path of named) {
          const turns = turnsOf(path);
          // A task that writes a whole configuration may have left a key as it was: nobody can tell.
          if (/(?:rollback|restore)$/.test(cause.type)) continue;
          if (!turns.some(turn => turn.user === cause.user))
            wrong.push(
              `${row.resource} ${row.change} ${path} (${row.window?.after}, ${row.window?.before}]: ${cause.user} by ${cause.type} did not do it; ${turns.map(turn => turn.user)}`,
            );
        }
      }
    }
    return wrong;
  }
}

/** Who set what then took effect with a start or a stop has changed it, too. */
function waited(life: Life, path: string): Turn[] {
  const turns = life.facts.get(path.replace(/^config\./, 'pending.')) ?? [];
  return path.startsWith('config.') ? turns.filter(turn => turn.value !== null) : [];
}

type Tree = { [key: string]: unknown };

function within(turn: Turn, { after, before }: Window): boolean {
  return turn.until >= after && turn.at <= before;
}

function same(path: string, real: unknown, told: unknown): boolean {
  if (path === 'started_at') return Math.abs(Number(real) - Number(told ?? 0)) <= START_MS;
  if (path === 'tags') return isDeepStrictEqual(real === '' || real === null ? [] : [real], told ?? []);
  if (path.startsWith('snapshots.')) return (real === null) === (told === null);
  return isDeepStrictEqual(real ?? null, told ?? null);
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? '-';
}

function get(tree: Tree, path: string): unknown {
  const [first = '', ...rest] = path.split('.');
  return rest.length === 0 ? tree[first] : get((tree[first] ?? {}) as Tree, rest.join('.'));
}

function put(tree: Tree, path: string, value: unknown): void {
  const [first = '', ...rest] = path.split('.');
  if (rest.length > 0) {
    tree[first] ??= {};
    put(tree[first] as Tree, rest.join('.'), value);
  } else if (value === null) delete tree[first];
  else tree[first] = value;
}

function flat(tree: Tree, prefix = '', into = new Map<string, unknown>()): Map<string, unknown> {
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) flat(value as Tree, path, into);
    else if (value !== null) into.set(path, value);
  }
  return into;
}

function difference(a: object, b: object): string {
  const [from, to] = [flat(a as Tree), flat(b as Tree)];
  const paths = [...new Set([...from.keys(), ...to.keys()])].filter(
    path => !isDeepStrictEqual(from.get(path), to.get(path)),
  );
  return paths.map(path => `${path} ${text(from.get(path))} -> ${text(to.get(path))}`).join(', ') || 'form';
}
