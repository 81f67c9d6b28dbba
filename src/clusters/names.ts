import { UsageError } from '../errors.ts';
import { quoted } from '../text/cluster-text.ts';

/** What a cluster may be called: it stands before a colon, in a URI and in names of files. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/;
/** First words of resources' addresses and kinds: `proxmox://vms/101` would mean two things. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['cluster', 'nodes', 'vms', 'containers', 'storage', 'tasks', 'history', 'changes', 'runs', 'schema'],
  ...['declaration', 'plans', 'all', 'vm', 'container', 'node', 'qemu', 'lxc', 'ct', 'pool', 'ha', 'run'],
]);

/** Why a cluster cannot be called that; undefined where it can. */
export function faultOfName(name: string): string | undefined {
  if (!NAME.test(name)) return 'must be lower-case letters, digits and -, and begin with a letter';
  return TAKEN.has(name) ? 'is a word with a meaning of its own here' : undefined;
}

/** `lab:vm/101` taken apart; the cluster is undefined where none of these is named. */
function splitName(text: string, clusters: readonly string[]): { cluster?: string; name: string } {
  const colon = text.indexOf(':');
  const cluster = text.slice(0, Math.max(0, colon)).trim().toLowerCase();
  return clusters.includes(cluster) ? { cluster, name: text.slice(colon + 1).trim() } : { name: text };
}

/** The same of a list with commas: its clusters, and the names without them. */
export function splitNames(text: string, clusters: readonly string[]): { of: string[]; names: string } {
  const parts = text.split(',').map(part => splitName(part.trim(), clusters));
  return {
    of: parts.flatMap(({ cluster }) => cluster ?? []),
    names: parts.map(({ name }) => name).join(','),
  };
}

/** Which clusters a `cluster` argument means: all of them where it is left out. @throws UsageError for an unknown one */
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

/** The same facts, each resource named with its cluster: `lab:vm/101`. */
export function namedWith(cluster: string, facts: unknown, field = ''): unknown {
  if (typeof facts === 'string')
    return NAMING.has(field) && RESOURCE.test(facts) ? `${cluster}:${facts}` : facts;
  if (Array.isArray(facts)) return facts.map(one => namedWith(cluster, one, field));
  if (facts === null || typeof facts !== 'object') return facts;
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      RESOURCE.test(name) ? `${cluster}:${name}` : name,
      // A task's `id` is what it was about; a rule's is its own.
      namedWith(cluster, value, name === 'id' && 'upid' in facts ? 'of' : name),
    ]),
  );
}
