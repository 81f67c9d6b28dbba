import type { ResourceKey } from '../model/resource.ts';
import type { HiddenPart } from '../model/unseen.ts';
import { type Held, rightsOf } from './rights.ts';

/** What one token may see of a cluster, whatever a store knows of it. */
export interface Sight {
  /** It may see all of it: nothing has to be left out. */
  all: boolean;
  /** Every guest, storage and task, and what is set for the cluster as a whole. */
  allRows: boolean;
  /** Every backup. */
  allBackups: boolean;
  /** Every line of the cluster's log. */
  allLines: boolean;
  /** What is set for the cluster as a whole: jobs, rules, high availability, votes. */
  root: boolean;
  /** Whose token it is: its own tasks and lines of the log are seen in any case. */
  owner: string;
  /** Of what some may be left out. */
  hides: HiddenPart[];
  guest(id: number | string): boolean;
  /** Addresses that a guest's agent told. */
  agent(id: number | string): boolean;
  /** Backups of a guest, which may be gone, on a storage. */
  backup(id: number | string, storage: string): boolean;
  pool(id: string): boolean;
  storage(id: string): boolean;
  node(id: string): boolean;
  task(task: { nodeId: string; user: string; tokenId?: string | null }): boolean;
  /** Lines of the cluster's log about what this user did. */
  log(user: string): boolean;
  resource(key: ResourceKey): boolean;
  /** By a text such as `vm/101`; true for a text that names no resource. */
  named(text: string): boolean;
}

/** Either of them shows what a guest's agent tells of its network. */
const AGENT = ['VM.GuestAgent.Audit', 'VM.GuestAgent.Unrestricted'] as const;
/** Either of them shows a storage. */
const STORAGE = ['Datastore.Audit', 'Datastore.AllocateSpace'] as const;

/** What follows from a token's rights; `user` is who it belongs to. `exact` is as `rightsOf` takes it. */
export function sightOf(held: Held, user: string, exact: ReadonlyMap<string, boolean> = new Map()): Sight {
  const { may, everywhere, told } = rightsOf(held, exact);
  const root = may('/', 'Sys.Audit');
  const lines = may('/', 'Sys.Syslog');
  const owns = (who: string) => who === user || who.startsWith(`${user}!`);
  const seen: Pick<Sight, 'guest' | 'storage' | 'node' | 'pool' | 'agent' | 'backup'> = {
    guest: id => told(`/vms/${id}`) ?? may(`/vms/${id}`, 'VM.Audit'),
    storage: id => told(`/storage/${id}`) ?? may(`/storage/${id}`, ...STORAGE),
    node: id => told(`/nodes/${id}`) ?? may(`/nodes/${id}`, 'Sys.Audit'),
    pool: id => told(`/pool/${id}`) ?? may(`/pool/${id}`, 'Pool.Audit'),
    agent: id => told(`/vms/${id}`) !== false && may(`/vms/${id}`, ...AGENT),
    // Proxmox VE shows one to who may allocate space on its storage and back the guest up (source of PVE::Storage).
    backup: (id, storage) =>
      ![told(`/vms/${id}`), told(`/storage/${storage}`)].includes(false) &&
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
