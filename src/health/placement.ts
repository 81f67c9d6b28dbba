import { type Device, devicesOf } from './devices.ts';
import type { GuestHealth, HaRule, HealthFacts, StorageHealth } from './facts.ts';

/** Where else a guest could start. */
export interface Placement {
  /** Other nodes that have everything it needs. */
  nodes: string[];
  /** Why it cannot start anywhere else; empty if it can. */
  why: string[];
  /** What may prevent it, although that cannot be told from here. */
  doubts: string[];
}

/** Where a guest could start without its node. */
export function placementOf(guest: GuestHealth, facts: HealthFacts): Placement {
  const others = facts.nodes
    .filter(node => node.id !== guest.node && node.status === 'online')
    .map(node => node.id);
  if (others.length === 0) return { nodes: [], why: ['no other node is online'], doubts: [] };
  if (guest.config === null)
    return { nodes: others, why: [], doubts: ['its configuration could not be read'] };
  const limits = [
    ...devicesOf(guest.config).map(device => limitOf(device, guest, others, facts)),
    ...rulesOf(guest, facts).map(rule => limitOfRule(rule, guest, others, facts)),
  ];
  const why = togetherByReason(limits.filter(limit => limit.nodes.length === 0));
  const doubts = limits.flatMap(({ doubt }) => doubt ?? []);
  const nodes = others.filter(node => limits.every(limit => limit.nodes.includes(node)));
  if (nodes.length === 0 && why.length === 0)
    why.push(
      `no other node has all it needs (${limits
        .filter(one => one.nodes.length < others.length)
        .map(({ key, reason }) => (key === undefined ? reason : `${key} is ${reason}`))
        .join('; ')})`,
    );
  return { nodes, why, doubts };
}

/** The other nodes that one requirement leaves, and why the rest are excluded. */
interface Limit {
  nodes: readonly string[];
  /** The disk that is bound, if the reason is its storage. */
  key?: string;
  reason: string;
  doubt?: string;
}

/** Combines disks bound for the same reason into one clause: `scsi0, efidisk0 are on local-zfs, a storage of pve1 alone`. */
function togetherByReason(limits: readonly Limit[]): string[] {
  const clauses = limits.map(({ key = '', reason }) => ({ key, rest: reason }));
  return [...Map.groupBy(clauses, clause => clause.rest)].map(([rest, alike]) => {
    const keys = alike.map(clause => clause.key).filter(key => key !== '');
    return keys.length === 0 ? rest : `${keys.join(', ')} ${keys.length === 1 ? 'is' : 'are'} ${rest}`;
  });
}

function limitOf(device: Device, guest: GuestHealth, others: string[], facts: HealthFacts): Limit {
  const { key, kind, volume } = device;
  switch (kind) {
    case 'passthrough':
      return { nodes: [], reason: `${key} passes ${volume} of ${guest.node} through` };
    case 'mapped':
      return { nodes: others, reason: '', doubt: `${key} needs the mapping ${volume} on the other node` };
    case 'bind':
      return device.shared
        ? { nodes: others, reason: '' }
        : { nodes: [], reason: `${key} mounts the folder ${volume} of ${guest.node}` };
    case 'cdrom':
      return cdromLimit(device, others, facts);
    case 'disk':
      return device.storage === null
        ? { nodes: [], reason: `${key} is ${volume} of ${guest.node} itself` }
        : diskLimit(device, device.storage, guest, others, facts);
    // PVE recreates a missing cloud-init drive, and an unused disk is not needed.
    case 'cloudinit':
    case 'unused':
      return { nodes: others, reason: '' };
  }
}

function diskLimit(
  { key }: Device,
  id: string,
  guest: GuestHealth,
  others: string[],
  facts: HealthFacts,
): Limit {
  const storage = facts.storages.find(one => one.id === id);
  if (storage === undefined || storage.out !== null)
    return { nodes: others, reason: '', doubt: `${key} is on ${id}, which cannot be seen` };
  if (!storage.enabled) return { nodes: [], key, reason: `on ${id}, which is disabled` };
  const having = others.filter(node => isOn(storage, node));
  if (storage.shared) {
    const reaching = having.filter(node => reachOf(storage, node) !== false);
    const missing = having.length === 0 ? 'which no other node has' : 'which no other node reaches';
    return { nodes: reaching, key, reason: `on ${id}, ${missing}` };
  }
  const copies = facts.replications.flatMap(one =>
    one.guest === guest.key && one.lastSyncAt !== null && one.target !== null ? [one.target] : [],
  );
  const nodes = having.filter(node => copies.includes(node));
  return { nodes, key, reason: `on ${id}, a storage of ${guest.node} alone` };
}

function cdromLimit(
  { key, storage: id, volume }: Device,
  others: string[],
  { storages }: HealthFacts,
): Limit {
  const storage = storages.find(one => one.id === id);
  const everywhere = storage?.shared === true && others.every(node => reachOf(storage, node) === true);
  return everywhere
    ? { nodes: others, reason: '' }
    : { nodes: others, reason: '', doubt: `${key} holds ${volume}, which the other node may lack` };
}

/** Whether a storage is defined for a node. */
export function isOn(storage: StorageHealth, node: string): boolean {
  return storage.nodes.length === 0 || storage.nodes.includes(node);
}

/** Whether a node reaches a storage; null if that is not seen. */
export function reachOf(storage: StorageHealth, node: string): boolean | null {
  return storage.reach.find(one => one.node === node)?.active ?? null;
}

/** Rules apply only to guests that high availability manages. */
function rulesOf(guest: GuestHealth, { haRules }: HealthFacts): HaRule[] {
  if (guest.ha === null && guest.haRequested === null) return [];
  return haRules === null ? [] : (rulesByGuest(haRules).get(guest.key) ?? []);
}

/** Made once for each list: ten thousand guests would each search all rules, and each rule all guests. */
const rulesByGuest = onceFor((rules: readonly HaRule[]) => {
  const found = new Map<string, HaRule[]>();
  for (const rule of rules)
    for (const key of new Set(rule.guests)) {
      const rulesOfKey = found.get(key);
      if (rulesOfKey === undefined) found.set(key, [rule]);
      else rulesOfKey.push(rule);
    }
  return found;
});
const guestsByKey = onceFor(
  (guests: readonly GuestHealth[]) => new Map(guests.map(guest => [guest.key, guest])),
);

function onceFor<L extends object, T>(make: (list: L) => T): (list: L) => T {
  const made = new WeakMap<L, T>();
  return list => {
    const known = made.get(list) ?? make(list);
    made.set(list, known);
    return known;
  };
}

function limitOfRule(rule: HaRule, guest: GuestHealth, others: string[], { guests }: HealthFacts): Limit {
  if (rule.type === 'node-affinity') {
    const nodes = rule.strict ? others.filter(node => rule.nodes.includes(node)) : others;
    return { nodes, reason: `the HA rule ${rule.rule} binds it to ${rule.nodes.join(', ')}` };
  }
  if (rule.type !== 'resource-affinity-negative') return { nodes: others, reason: '' };
  const byKey = guestsByKey(guests);
  const apart = rule.guests.flatMap(key => (key === guest.key ? [] : (byKey.get(key) ?? [])));
  const taken = apart.map(one => one.node);
  return {
    nodes: others.filter(node => !taken.includes(node)),
    reason: `the HA rule ${rule.rule} keeps it apart from ${apart.map(one => one.key).join(', ')}`,
  };
}
