import type { Detail, DetailTopic } from '../../model/detail.ts';
import { FACETS, type Facet } from '../../model/facet.ts';
import type { StoreReader } from '../../model/store.ts';

/** What many parts of an answer ask, each on its own. */
const SHARED = new Set<keyof StoreReader>([
  'cluster',
  'nodes',
  'guest',
  'storages',
  'nodeStorages',
  'tasks',
  'runs',
  'note',
  'declaration',
]);

/** A store for one answer, and what makes it read again. */
export interface ReadingOnce<S extends StoreReader> {
  store: S;
  forget(): void;
}

/**
 * The same store, which asks once for what several parts of an answer need, until it is told to forget: after whatever may have
 * changed it. Details asked for at the same time, by topic, are one statement.
 */
export function readingOnce<S extends StoreReader>(store: S): ReadingOnce<S> {
  const read = new Map<string, Promise<unknown>>();
  const once = <T>(key: unknown[], ask: () => Promise<T>): Promise<T> => {
    const name = JSON.stringify(key);
    const answer = (read.get(name) as Promise<T> | undefined) ?? ask();
    read.set(name, answer);
    return answer;
  };
  const lastCommits = async (facets: Iterable<Facet>) => {
    const wanted = new Set(facets);
    const all = await once(['lastCommits'], () => store.lastCommits(FACETS));
    return new Map([...all].filter(([facet]) => wanted.has(facet)));
  };
  const topics = togetherByTopic(store);
  const own: Partial<StoreReader> = {
    lastCommits,
    lastCommit: async (facet, options) =>
      facet === undefined || options !== undefined
        ? store.lastCommit(facet, options)
        : ((await lastCommits([facet])).get(facet) ?? null),
    details: (topic, subjects) => once(['details', topic, subjects], () => topics(topic, subjects)),
  };
  const get = (_: S, name: keyof S) => {
    if (Object.hasOwn(own, name)) return own[name as keyof StoreReader];
    const ask = store[name];
    if (!SHARED.has(name as keyof StoreReader)) return ask;
    return (...args: unknown[]) =>
      once([name, ...args], () => (ask as (...args: unknown[]) => Promise<unknown>).apply(store, args));
  };
  return { store: new Proxy(store, { get: get as ProxyHandler<S>['get'] & {} }), forget: () => read.clear() };
}

/** Reads topics of the same subjects that are asked for in one turn of the event loop's queue as one. */
function togetherByTopic(store: StoreReader) {
  const waiting = new Map<string, { topics: DetailTopic[]; rows: Promise<Detail[]> }>();
  return async <T extends DetailTopic>(topic: T, subjects?: readonly string[]): Promise<Detail<T>[]> => {
    const key = JSON.stringify(subjects);
    const group = waiting.get(key) ?? { topics: [], rows: Promise.resolve<Detail[]>([]) };
    if (!waiting.has(key)) {
      waiting.set(key, group);
      group.rows = Promise.resolve().then(() => {
        waiting.delete(key);
        return store.detailsOf(group.topics, subjects);
      });
    }
    group.topics.push(topic);
    return (await group.rows).filter(row => row.topic === topic) as Detail<T>[];
  };
}
