import { storedSeal } from '../../src/discovery/common/seal.ts';
import { diffStates } from '../../src/history/diff.ts';
import { normaliseConfig, normaliseValue } from '../../src/history/normalise.ts';
import { guestState, nodeState } from '../../src/history/resource-state.ts';
import type { StandingVersion, Version } from '../../src/model/change.ts';
import { formatKey } from '../../src/model/resource.ts';
import type { ClusterState, GuestState, NodeState, StorageState } from '../../src/model/state.ts';
import type { StoreReader } from '../../src/model/store.ts';
import type { Simulator, TruthEvent, TruthGuest, TruthState } from '../../src/simulator/index.ts';
import { maskValue } from '../../src/text/mask.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;

/** How answers and the truth name what a version is about. */
function keyOf({ type, resourceId }: Pick<Version, 'type' | 'resourceId'>): string {
  return formatKey({ type, id: resourceId });
}

/** What the store says exists now (or existed at a commit), by resource, in the words of the truth. */
export async function recordedState(store: StoreReader, seq = NEWEST): Promise<Map<string, StandingVersion>> {
  const versions = await store.everythingAt(seq);
  return new Map(versions.map(version => [keyOf(version), version]));
}

/**
 * Every way in which the store's present (or its state at a commit) differs from the cluster's; empty when it is right.
 * Guests of lost nodes are left out.
 */
export async function differencesFromTruth(
  store: StoreReader,
  sim: Simulator,
  then: { seq: number; truth: TruthState } = { seq: NEWEST, truth: sim.truth.state() },
): Promise<string[]> {
  const recorded = await recordedState(store, then.seq);
  const seal = await storedSeal(store);
  const { truth } = then;
  const differences: string[] = [];
  const expect = (what: string, seen: unknown, real: unknown) => {
    if (JSON.stringify(seen) !== JSON.stringify(real))
      differences.push(`${what}: recorded ${JSON.stringify(seen)}, really ${JSON.stringify(real)}`);
  };
  const lost = new Set(
    Object.entries(truth.nodes)
      .filter(([, node]) => node.status !== 'online')
      .map(([key]) => key.slice(5)),
  );
  // Not every look brings what is set for the datacenter.
  const settings = [...recorded.values()].some(({ facet }) => facet === 'datacenter') ? truth.settings : {};
  const real = new Set([
    ...Object.keys(settings),
    ...Object.keys(truth.guests),
    ...Object.keys(truth.nodes),
    ...Object.keys(truth.storages),
    ...(truth.cluster === undefined ? [] : ['cluster']),
  ]);
  for (const key of recorded.keys())
    if (!real.has(key)) differences.push(`${key}: recorded, but it does not exist`);
  for (const key of real) if (!recorded.has(key)) differences.push(`${key}: exists, but is not recorded`);
  const cluster = recorded.get('cluster')?.state as ClusterState | undefined;
  for (const [field, value] of Object.entries(truth.cluster ?? {})) {
    // What a node that is off runs by now, nobody can read.
    const isRead =
      field === 'versions' ? lost.size === 0 : field !== 'options' || cluster?.options !== undefined;
    if (isRead)
      expect(`cluster ${field}`, sortedValue(cluster?.[field as keyof ClusterState]), sortedValue(value));
  }
  for (const [key, setting] of Object.entries(settings)) {
    const state = recorded.get(key)?.state;
    if (state === undefined) continue;
    const told = Object.fromEntries(
      Object.keys({ ...state, ...setting }).flatMap(path => {
        const value = valueAt(state, path);
        return value === null || path === 'options' ? [] : [[path, value]];
      }),
    );
    expect(key, sorted(told), sorted(readableForm(setting)));
  }
  for (const [key, node] of Object.entries(truth.nodes)) {
    expect(`${key} status`, (recorded.get(key)?.state as NodeState | undefined)?.status, node.status);
  }
  for (const [key, storage] of Object.entries(truth.storages)) {
    const state = recorded.get(key)?.state as StorageState | undefined;
    if (state === undefined) continue;
    expect(`${key} enabled`, state.enabled, storage.enabled);
    expect(`${key} content`, state.content, storage.content);
    expect(`${key} nodes`, state.nodes, storage.nodes ?? []);
    expect(`${key} shared`, state.shared, storage.shared);
  }
  for (const [key, guest] of Object.entries(truth.guests)) {
    const state = recorded.get(key)?.state as GuestState | undefined;
    if (state === undefined || lost.has(guest.node)) continue;
    // What is secret is kept as a seal.
    compareGuest(key, state, seal ? (maskValue('', guest, seal) as TruthGuest) : guest, expect);
  }
  return differences;
}

function compareGuest(
  key: string,
  state: GuestState,
  guest: TruthGuest,
  expect: (what: string, seen: unknown, real: unknown) => void,
): void {
  expect(`${key} name`, state.name ?? null, guest.name);
  if (guest.lock !== 'backup') expect(`${key} status`, state.status, guest.status);
  expect(`${key} node`, state.node, guest.node);
  expect(`${key} tags`, state.tags, guest.tags);
  expect(`${key} pool`, state.pool ?? null, guest.pool);
  expect(`${key} template`, state.template, guest.template);
  expect(`${key} snapshots`, Object.keys(state.snapshots ?? {}).sort(), guest.snapshots);
  expect(`${key} config`, sorted(state.config ?? {}), sorted(normaliseConfig(guest.config)));
  const pending = Object.entries(guest.pending).map(([name, value]) => [
    name,
    typeof value === 'object' ? '(deleted)' : normaliseValue(name, value),
  ]);
  expect(`${key} pending`, sorted(state.pending ?? {}), sorted(Object.fromEntries(pending)));
}

/** Texts in objects as history keeps them: what is a number is one. */
function readableForm(setting: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(setting).map(([path, value]) => [
      path,
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? normaliseValue(path, value)
        : value,
    ]),
  );
}

function sortedValue(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? sorted(value) : value;
}

function sorted(value: object): unknown {
  const inOrder = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(inOrder.map(([key, inner]) => [key, sortedValue(inner)]));
}

/** Recorded fields and lives that no real event explains: the worst bug there is. */
export function inventedChanges(versions: Version[], events: TruthEvent[]): string[] {
  const touched = new Map<string, TruthEvent[]>();
  for (const event of events) touched.set(event.resource, [...(touched.get(event.resource) ?? []), event]);
  return versions.flatMap(version => {
    const key = keyOf(version);
    const real = touched.get(key) ?? [];
    if (version.change === 'created' || version.change === 'deleted') {
      return real.some(event => event.change === version.change)
        ? []
        : [`${key} ${version.change}: did not happen`];
    }
    return version.fields
      .filter(field => {
        if (field.path === 'started_at' || field.path.startsWith('unreachable')) return false;
        if (isMadeAnewUnseen(key) && real.some(event => event.change === 'created')) return false;
        return !real.some(event => event.fields?.some(one => related(volumePath(one.path), field.path)));
      })
      .map(
        field =>
          `${key} ${field.path}: ${JSON.stringify(field.from)} -> ${JSON.stringify(field.to)} did not happen`,
      );
  });
}

/** Pools, jobs and rules have no identity: made anew between two looks, they are told as changed. */
export function isMadeAnewUnseen(key: string): boolean {
  return /^(?:pool|backup-job|ha)\//.test(key);
}

/** Whether a field of the truth and one of ours are the same, or one within the other. */
export function expectRelated(real: string, recorded: string): boolean {
  return related(volumePath(real), recorded);
}

/** PVE calls a VM's disk volume `file` and a container's `volume`; in history both are `volume`. */
function volumePath(path: string): string {
  return path.replace(/\.file$/, '.volume');
}

/** The same field, or one of them within the other. */
function related(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

/** Versions that do not follow from their predecessor by their own fields: history that would not add up. */
export async function brokenChains(store: StoreReader): Promise<string[]> {
  const versions = (await store.versions({})).reverse();
  const last = new Map<string, Version>();
  const broken: string[] = [];
  for (const version of versions) {
    const key = `${version.type}/${version.resourceId}#${version.incarnation}`;
    const before = last.get(key);
    last.set(key, version);
    for (const { path, from, to } of version.fields) {
      const [was, is] = [valueAt(before?.state, path), valueAt(version.state, path)];
      if (JSON.stringify(was) !== JSON.stringify(from))
        broken.push(
          `${key} @${version.seq} ${path}: from ${JSON.stringify(from)}, but it was ${JSON.stringify(was)}`,
        );
      if (JSON.stringify(is) !== JSON.stringify(to))
        broken.push(
          `${key} @${version.seq} ${path}: to ${JSON.stringify(to)}, but it is ${JSON.stringify(is)}`,
        );
    }
  }
  return broken;
}

/** The value at a dotted path, where keys may hold dots themselves; null where there is none. */
function valueAt(state: unknown, path: string): unknown {
  if (path === '') return state ?? null;
  if (state === null || typeof state !== 'object') return null;
  for (const [key, value] of Object.entries(state)) {
    if (path === key) return value ?? null;
    if (path.startsWith(`${key}.`)) return valueAt(value, path.slice(key.length + 1));
  }
  return null;
}

/**
 * Differences between two kept states of one life that no row tells, and what a row tells that is no difference. What a
 * discovery brings, which was so before though nobody had looked, is told by the discovery.
 */
export async function untoldDifferences(store: StoreReader, after = 0): Promise<string[]> {
  const versions = (await store.versions({ after })).reverse();
  const last = new Map<string, Version>();
  return versions.flatMap(version => {
    const key = `${version.type}/${version.resourceId}#${version.incarnation}`;
    const before = last.get(key);
    last.set(key, version);
    if (before === undefined || version.change === 'discovered') return [];
    const differing = diffStates(before.state, version.state).map(one => one.path);
    const told = version.fields.map(one => one.path);
    const wrong = [
      ...differing.filter(path => !told.includes(path)).map(path => `${path} differs, but no row tells it`),
      ...told.filter(path => !differing.includes(path)).map(path => `${path} is told, but does not differ`),
    ];
    return wrong.map(what => `${key} @${version.seq} ${version.change}: ${what}`);
  });
}

/** Rows of the store that are not as the newest version of their resource says. */
export async function rowsBesideHistory(store: StoreReader): Promise<string[]> {
  const wrong: string[] = [];
  const newest = await recordedState(store);
  for (const type of ['vm', 'container'] as const) {
    const { rows } = await store.guests(type);
    const configs = new Map((await store.configs(rows)).map(config => [config.id, config]));
    for (const guest of rows) {
      const state = newest.get(`${type}/${guest.id}`)?.state;
      const differing = diffStates(state ?? {}, guestState(guest, configs.get(guest.id)));
      wrong.push(...differing.map(one => `${type}/${guest.id}: the row's ${one.path} is not history's`));
    }
  }
  for (const node of await store.nodes()) {
    const differing = diffStates(newest.get(`node/${node.id}`)?.state ?? {}, nodeState(node));
    wrong.push(...differing.map(one => `node/${node.id}: the row's ${one.path} is not history's`));
  }
  return wrong;
}

/** How much the rows of a listing lag, and clocks and whole seconds are off (ms). */
const WINDOW_SLACK_MS = 15_000;

/**
 * Changes whose window does not hold the moment at which they happened: for each field told, and each life begun or ended,
 * some event of the truth must lie in it. Only for labs where nobody's clock is off.
 */
export function windowsBesideTruth(versions: Version[], events: TruthEvent[]): string[] {
  return versions.flatMap(version => {
    const { windowAfter, windowBefore, change } = version;
    const key = `${version.type}/${version.resourceId}`;
    const within = events.filter(
      event =>
        event.resource === key &&
        event.at >= (windowAfter ?? 0) - WINDOW_SLACK_MS &&
        event.at <= windowBefore + WINDOW_SLACK_MS,
    );
    if (change === 'discovered' || version.type === 'cluster') return [];
    const what = change === 'updated' ? version.fields.map(field => field.path) : [change];
    return what
      .filter(
        path =>
          path !== 'ha' &&
          !path.startsWith('unreachable') &&
          !(path === 'started_at' && version.type === 'node'),
      )
      .filter(path =>
        change === 'updated'
          ? !within.some(event => event.fields?.some(field => expectRelated(field.path, path)))
          : !within.some(event => event.change === change),
      )
      .map(path => `${key} @${version.seq} ${path}: not within its window ${windowAfter} to ${windowBefore}`);
  });
}
