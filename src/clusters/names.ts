import { UsageError } from '../errors.ts';
import { quoted } from '../text/cluster-text.ts';

/** Valid names of clusters: they occur before a colon, in URIs and in file names. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/;
/** First words of resources' addresses and types: otherwise `proxmox://vms/101` would be ambiguous. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['cluster', 'nodes', 'vms', 'containers', 'storage', 'tasks', 'history', 'changes', 'runs', 'schema'],
  ...['declaration', 'plans', 'all', 'vm', 'container', 'node', 'qemu', 'lxc', 'ct', 'pool', 'ha', 'run'],
]);

/** Why a cluster cannot have this name; undefined if it can. */
export function faultOfName(name: string): string | undefined {
  if (!NAME.test(name)) return 'must be lower-case letters, digits and -, and begin with a letter';
  return TAKEN.has(name) ? 'is a word with a meaning of its own here' : undefined;
}

/** Splits `lab:vm/101`; the cluster is undefined if the text names none of these. */
function splitName(text: string, clusters: readonly string[]): { cluster?: string; name: string } {
  const colon = text.indexOf(':');
  const cluster = text.slice(0, Math.max(0, colon)).trim().toLowerCase();
  return clusters.includes(cluster) ? { cluster, name: text.slice(colon + 1).trim() } : { name: text };
}

/** The same for a list separated by commas: its clusters, and the names without them. */
export function splitNames(text: string, clusters: readonly string[]): { of: string[]; names: string } {
  const parts = text.split(',').map(part => splitName(part.trim(), clusters));
  return {
    of: parts.flatMap(({ cluster }) => cluster ?? []),
    names: parts.map(({ name }) => name).join(','),
  };
}

/** The clusters that a `cluster` argument means: all if it is left out. @throws UsageError for an unknown one */
export function clustersMeant(given: unknown, clusters: readonly string[]): string[] {
  if (given === undefined || given === null || given === '' || given === 'all') return [...clusters];
  const parts = Array.isArray(given) ? given : String(given).split(',');
  return [
    ...new Set(
      parts.map(part => {
        const name = String(part).trim().toLowerCase();
        if (clusters.includes(name)) return name;
        throw new UsageError(`There is no cluster ${quoted(name, 60)}.`, {
          hint: `The clusters are ${clusters.join(', ')}; without cluster all of them are asked.`,
        });
      }),
    ),
  ];
}

/** Fields whose text names a resource. */
const NAMING: ReadonlySet<string> = new Set(['resource', 'resources', 'what', 'stops', 'of', 'with', 'job']);
const RESOURCE = /^(?:(?:vm|container|node|storage|pool|ha|backup-job)\/|cluster$)/;

/** The same facts, with each resource named with its cluster: `lab:vm/101`. */
export function namedWith(cluster: string, facts: unknown, field = ''): unknown {
  if (typeof facts === 'string')
    return NAMING.has(field) && RESOURCE.test(facts) ? `${cluster}:${facts}` : facts;
  if (Array.isArray(facts)) return facts.map(one => namedWith(cluster, one, field));
  if (facts === null || typeof facts !== 'object') return facts;
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      RESOURCE.test(name) ? `${cluster}:${name}` : name,
      // A task's `id` is the resource it was about; a rule's is its own.
      namedWith(cluster, value, name === 'id' && 'upid' in facts ? 'of' : name),
    ]),
  );
}
