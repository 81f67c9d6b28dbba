import {
  CLUSTER,
  isGuestType,
  isSettingType,
  RESOURCE_TYPES,
  type ResourceType,
  SETTING_TYPES,
} from '../model/resource.ts';

/** What a person wrote, taken apart: a type where they gave one, then an id or a name. */
export interface ResourceName {
  types: readonly ResourceType[];
  /** The VMID, where the text can be one. */
  vmid: number | null;
  text: string;
}

/** The types that a bare name may mean: the cluster, pools, jobs and HA resources need their type. */
const NAMED_TYPES = RESOURCE_TYPES.filter(type => type !== 'cluster' && !isSettingType(type));

const PREFIXES: ReadonlyMap<string, ResourceType> = new Map([
  ['vm', 'vm'],
  ['vms', 'vm'],
  ['qemu', 'vm'],
  ['container', 'container'],
  ['containers', 'container'],
  ['lxc', 'container'],
  ['ct', 'container'],
  ['node', 'node'],
  ['nodes', 'node'],
  ['storage', 'storage'],
  ['cluster', 'cluster'],
  ['pools', 'pool'],
  ...SETTING_TYPES.map(type => [type, type] as const),
]);

/** How a guest may be named after `ha/`, where it is called `vm:101`. */
const HA_GUEST = /^(vm|qemu|ct|lxc|container)\s*[/: ]\s*(\d{1,9})$/i;

/**
 * Reads `vm/101`, `101`, `qemu/101`, `vm:101`, `ct/200`, `105 (web)`, `node/pve1`, our own URIs, `cluster`, `pool/prod`,
 * `ha/vm:101`, or a name. Never fails: what is no id is a name.
 */
export function parseResourceName(input: string): ResourceName {
  const text = input.trim().replace(/^proxmox:\/\//i, '');
  if (text.toLowerCase() === CLUSTER.id) return { types: [CLUSTER.type], vmid: null, text: CLUSTER.id };
  const prefixed = /^([a-z]+(?:-job)?)\s*[/: ]\s*(.+)$/is.exec(text);
  const type = prefixed ? PREFIXES.get(prefixed[1]!.toLowerCase()) : undefined;
  const named = type === undefined ? text : prefixed![2]!.trim();
  // PVE calls a node's view of a storage `storage/NODE/NAME`.
  const rest =
    type === 'storage'
      ? named.replace(/^[^/]+\//, '')
      : type === 'ha'
        ? named.replace(
            HA_GUEST,
            (_, kind: string, id: string) => `${/^(?:vm|q)/i.test(kind) ? 'vm' : 'ct'}:${id}`,
          )
        : named;
  const types = type !== undefined ? [type] : NAMED_TYPES;
  const vmid = types.some(isGuestType) ? /^(\d{1,9})(?:\s*\(.*\))?$/.exec(rest)?.[1] : undefined;
  return {
    types,
    vmid: vmid === undefined ? null : Number(vmid),
    text: rest,
  };
}

/** Longer texts are not compared as mistyped names (characters): the effort grows with the product of both lengths. */
const COMPARED_AT_MOST = 100;

/** Names close to what was asked, the closest first, for "did you mean". */
export function nearest(asked: string, names: Iterable<string>, limit = 3): string[] {
  const wanted = asked.toLowerCase();
  const atMost = Math.max(2, wanted.length / 3);
  const comparable = (name: string) =>
    wanted.length <= COMPARED_AT_MOST && Math.abs(name.length - wanted.length) <= atMost;
  const scored = [...new Set(names)].flatMap(name => {
    const lower = name.toLowerCase();
    // Every extra letter is an edit, so most names need no comparison.
    const score = comparable(lower) ? distance(wanted, lower) : Number.POSITIVE_INFINITY;
    if (score > atMost && !lower.includes(wanted)) return [];
    return [{ name, score: Number.isFinite(score) ? score : lower.length - wanted.length }];
  });
  return scored
    .sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => name);
}

/** The edits that turn one text into the other: a letter inserted, left out or replaced, or two neighbours swapped. */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) next[j] = Math.min(next[j]!, older[j - 2]! + 1);
    }
    older = row;
    row = next;
  }
  return row[b.length]!;
}
