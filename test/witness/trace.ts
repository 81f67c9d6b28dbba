import type { StoreReader } from '../../src/model/store.ts';
import type { Cluster } from './cluster.ts';

/** What really happened to the guests that are named in what was found wrong, one line a fact, task and line of the log. */
export function truthOf(c: Cluster, wrong: readonly string[], from: number): string[] {
  const named = new Set(wrong.flatMap(line => line.match(/\b(?:vm|container)\/\d+/g) ?? []));
  const vmids = new Set([...named].map(key => key.split('/')[1]!));
  const time = (ms: number) => `${(ms - from) / 1000} (${new Date(ms).toISOString().slice(11, 23)})`;
  const lives = c.lives.filter(life => named.has(life.key));
  const facts = lives.flatMap(life => [
    `${life.key} ${time(life.born.at)}..${life.died === null ? '' : time(life.died.at)}`,
    ...[...life.facts].map(
      ([path, turns]) =>
        `  ${path}: ${turns.map(turn => `${time(turn.at)}=${turn.value} by ${turn.user}`).join(' · ')}`,
    ),
  ]);
  const tasks = [...c.nodes.values()].flatMap(node =>
    node.tasks
      .filter(task => vmids.has(task.id) || task.type.endsWith('clone'))
      .map(
        task =>
          `${task.node} ${task.type} ${task.id} of ${task.user}: ${time(task.start)}..${task.end === null ? '' : time(task.end)} ${task.status} ${task.log}`,
      ),
  );
  const log = c.log
    .filter(line => vmids.has(line.msg.match(/\d+/)?.[0] ?? ''))
    .map(line => `${line.node} ${time(line.at)} ${line.user}: ${line.msg}`);
  return [...facts, ...tasks, ...log];
}

/** All that was recorded of these guests, one line a version. */
export async function recordedOf(
  store: StoreReader,
  wrong: readonly string[],
  from: number,
): Promise<string[]> {
  const named = new Set(wrong.flatMap(line => line.match(/\b(?:vm|container)\/\d+/g) ?? []));
  const time = (ms: number | null) => (ms === null ? '-' : String((ms - from) / 1000));
  const versions = (await store.versions({}, { limit: 10_000 })).reverse();
  return versions
    .filter(one => named.has(`${one.type}/${one.resourceId}`))
    .map(
      one =>
        `@${one.seq} ${one.type}/${one.resourceId}#${one.incarnation} ${one.facet} ${one.change} (${time(one.windowAfter)}, ${time(one.windowBefore)}] ${JSON.stringify(one.fields)}`,
    );
}
