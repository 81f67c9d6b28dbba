import type { ResourceKey } from '../model/resource.ts';
import type { HiddenPart } from '../model/unseen.ts';
import { type Held, rightsOf } from './rights.ts';

/** What one token may see of a cluster, whatever the store knows about it. */
export interface Sight {
  /** It may see everything: nothing has to be left out. */
  all: boolean;
  /** Every guest, storage and task, and all cluster-wide settings. */
  allRows: boolean;
  /** Every backup. */
  allBackups: boolean;
  /** Every line of the cluster log. */
  allLines: boolean;
  /** Cluster-wide settings: jobs, rules, high availability, votes. */
  root: boolean;
  /** The user the token belongs to, who always sees their own tasks and log lines. */
  owner: string;
  /** The parts some of which may be left out. */
  hides: HiddenPart[];
  guest(id: number | string): boolean;
  /** Addresses reported by a guest's agent. */
  agent(id: number | string): boolean;
  /** Backups of a guest on a storage; the guest may no longer exist. */
  backup(id: number | string, storage: string): boolean;
  pool(id: string): boolean;
  storage(id: string): boolean;
  node(id: string): boolean;
  task(task: { nodeId: string; user: string; tokenId?: string | null }): boolean;
  /** Lines of the cluster log about this user's actions. */
  log(user: string): boolean;
  resource(key: ResourceKey): boolean;
  /** By a text such as `vm/101`; true for a text that names no resource. */
  named(text: string): boolean;
}

/** Either privilege shows what a guest's agent reports about its network. */
const AGENT = ['VM.GuestAgent.Audit', 'VM.GuestAgent.Unrestricted'] as const;
/** Either privilege shows a storage. */
const STORAGE = ['Datastore.Audit', 'Datastore.AllocateSpace'] as const;

/** Derives the sight from a token's rights; `user` is its owner. `exact` is as for `rightsOf`. */
export function sightOf(held: Held, user: string, exact: ReadonlyMap<string, boolean> = new Map()): Sight {
  const { may, everywhere, exactly } = rightsOf(held, exact);
  const root = may('/', 'Sys.Audit');
  const lines = may('/', 'Sys.Syslog');
  const owns = (who: string) => who === user || who.startsWith(`${user}!`);
  const seen: Pick<Sight, 'guest' | 'storage' | 'node' | 'pool' | 'agent' | 'backup'> = {
    guest: id => exactly(`/vms/${id}`) ?? may(`/vms/${id}`, 'VM.Audit'),
    storage: id => exactly(`/storage/${id}`) ?? may(`/storage/${id}`, ...STORAGE),
    node: id => exactly(`/nodes/${id}`) ?? may(`/nodes/${id}`, 'Sys.Audit'),
    pool: id => exactly(`/pool/${id}`) ?? may(`/pool/${id}`, 'Pool.Audit'),
    agent: id => exactly(`/vms/${id}`) !== false && may(`/vms/${id}`, ...AGENT),
    // Proxmox VE shows a backup to users who may allocate space on its storage and back up the guest (PVE::Storage).
    backup: (id, storage) =>
      ![exactly(`/vms/${id}`), exactly(`/storage/${storage}`)].includes(false) &&
      may(`/storage/${storage}`, 'Datastore.AllocateSpace') &&
      may(`/vms/${id}`, 'VM.Backup'),
  };
  const resource = ({ type, id }: ResourceKey): boolean => {
    if (type === 'vm' || type === 'container') return seen.guest(id);
    return type === 'storage' || type === 'node' || type === 'pool' ? seen[type](id) : root;
  };
  const kinds: { [part in HiddenPart]: boolean } = {
    guests: everywhere('/vms', 'VM.Audit'),
    addresses: everywhere('/vms', ...AGENT),
    storages: everywhere('/storage', ...STORAGE),
    backups: everywhere('/storage', 'Datastore.AllocateSpace') && everywhere('/vms', 'VM.Backup'),
    tasks: everywhere('/nodes', 'Sys.Audit'),
    pools: everywhere('/pool', 'Pool.Audit'),
    log: lines,
    cluster: root,
  };
  const hides = (Object.keys(kinds) as HiddenPart[]).filter(part => !kinds[part]);
  return {
    ...seen,
    all: hides.length === 0,
    allRows: kinds.guests && kinds.storages && kinds.tasks && root,
    allBackups: kinds.backups,
    allLines: lines,
    root,
    owner: user,
    hides,
    task: ({ nodeId, user: who, tokenId }) => seen.node(nodeId) || owns(who) || owns(tokenId ?? ''),
    log: who => lines || owns(who),
    resource,
    named: text => {
      const [, type, id] = /^(vm|container|storage|node|pool|ha)\/(.+)$/.exec(text) ?? [];
      return type === undefined || resource({ type, id } as ResourceKey);
    },
  };
}
