import { describeError, UsageError } from '../errors.ts';
import type { ListedResource, ResourceDefinition } from '../mcp/define/resource.ts';
import { provenanceOf } from '../mcp/runner/results.ts';
import type { ToolRunner } from '../mcp/runner/tool-runner.ts';
import { namedWith } from './names.ts';
import { together } from './together.ts';

type Variables = { [name: string]: string };
const SCHEME = 'proxmox://';
/** An age that never requires a refresh (ms). */
const AS_KNOWN_MS = 31_536_000_000;

/**
 * The resources of several clusters: each as `proxmox://lab/vms/101`, and as `proxmox://vms/101` if only one cluster has it.
 * Resources that every cluster has once are read from all of them.
 */
export function clusterResources(
  definitions: readonly ResourceDefinition[],
  members: ReadonlyMap<string, ToolRunner>,
  timeZone: string,
): ResourceDefinition[] {
  const readIn: ReadIn = async (definition, cluster, variables, maxAgeMs) => {
    const runner = members.get(cluster);
    if (runner === undefined)
      throw new UsageError(`There is no cluster ${cluster.slice(0, 60)}.`, {
        hint: `The clusters are ${[...members.keys()].join(', ')}.`,
      });
    const context = await runner.context(definition.needs, maxAgeMs === undefined ? {} : { maxAgeMs });
    const facts = await definition.read(variables, context);
    return {
      cluster,
      ...(namedWith(cluster, facts) as object),
      ...provenanceOf(context.freshness, timeZone, false),
    };
  };
  return definitions.flatMap(definition => [
    { ...inOne(definition, members, readIn) },
    { ...inAll(definition, members, readIn) },
  ]);
}

type ReadIn = (
  definition: ResourceDefinition,
  cluster: string,
  variables: Variables,
  maxAgeMs?: number,
) => Promise<{ cluster: string }>;

/** Their offers, each once; clusters that cannot be read offer nothing, without affecting the others. */
async function offered(
  runners: readonly ToolRunner[],
  offer: (runner: ToolRunner) => Promise<readonly string[]>,
): Promise<string[]> {
  const settled = await Promise.allSettled(runners.map(offer));
  return [...new Set(settled.flatMap(one => (one.status === 'fulfilled' ? one.value : [])))];
}

/** `proxmox://{cluster}/...` */
function inOne(
  definition: ResourceDefinition,
  members: ReadonlyMap<string, ToolRunner>,
  readIn: ReadIn,
): ResourceDefinition {
  const { complete, changedBy, list } = definition;
  return {
    ...definition,
    uri: definition.uri.replace(SCHEME, `${SCHEME}{cluster}/`),
    name: `cluster/${definition.name}`,
    needs: [],
    read: ({ cluster = '', ...variables }) => readIn(definition, cluster, variables),
    complete: async (variable, typed, _, chosen = {}) => {
      if (variable === 'cluster') return [...members.keys()].filter(name => name.startsWith(typed));
      const runner = members.get(chosen['cluster'] ?? '');
      const runners = runner === undefined ? [...members.values()] : [runner];
      return offered(runners, async one => complete?.(variable, typed, await one.context([]), chosen) ?? []);
    },
    ...(changedBy && {
      changedBy: (keys, { cluster = '', ...variables }) => changedBy(ofCluster(keys, cluster), variables),
    }),
    ...(list && {
      list: async () => {
        const lists = [...members].map(async ([cluster, runner]) =>
          (await list(await runner.context([]))).map(one => listedIn(cluster, one)),
        );
        const settled = await Promise.allSettled(lists);
        return settled.flatMap(one => (one.status === 'fulfilled' ? one.value : []));
      },
    }),
  };
}

/** The address without a cluster. */
function inAll(
  definition: ResourceDefinition,
  members: ReadonlyMap<string, ToolRunner>,
  readIn: ReadIn,
): ResourceDefinition {
  const { list: _, complete, changedBy, ...rest } = definition;
  const several = definition.uri.includes('{');
  return {
    ...rest,
    needs: [],
    read: async variables => {
      const outcomes = await together(
        [...members.keys()],
        cluster => readIn(definition, cluster, variables),
        cluster => readIn(definition, cluster, variables, AS_KNOWN_MS),
      );
      const answers = [...outcomes].map(([cluster, one]) =>
        'value' in one
          ? { ...one.value, ...(one.late && { source: 'store' }) }
          : { cluster, error: describeError(one.error) },
      );
      const found = answers.filter(one => !('error' in one));
      if (found.length === 0) throw (outcomes.values().next().value as { error: unknown }).error;
      if (!several) return { clusters: answers };
      const [one, ...others] = found;
      if (others.length === 0) return one!;
      throw new UsageError('Several clusters have a resource of this address.', {
        hint: `Put the cluster before it: ${found.map(({ cluster }) => `${SCHEME}${cluster}/...`).join(' or ')}.`,
      });
    },
    ...(complete && {
      complete: async (variable, typed, __, chosen) => {
        return offered([...members.values()], async one =>
          complete(variable, typed, await one.context([]), chosen),
        );
      },
    }),
    ...(changedBy && {
      changedBy: (keys, variables) =>
        [...members.keys()].some(cluster => changedBy(ofCluster(keys, cluster), variables)),
    }),
  };
}

/** The keys of changes in one cluster, as that cluster names them. */
function ofCluster(keys: readonly string[], cluster: string): string[] {
  const prefix = `${cluster}:`;
  return keys.flatMap(key => {
    // A task's key contains its UPID, which includes the cluster.
    const [kind, bare] = key.startsWith('task/') ? ['task/', key.slice('task/'.length)] : ['', key];
    return bare.startsWith(prefix) ? [kind + bare.slice(prefix.length)] : [];
  });
}

function listedIn(cluster: string, { uri, name, title }: ListedResource): ListedResource {
  return {
    uri: uri.replace(SCHEME, `${SCHEME}${cluster}/`),
    name: `${cluster}:${name}`,
    title: `${title} (${cluster})`,
  };
}
