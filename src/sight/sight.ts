import type { ResourceKey } from '../model/resource.ts';

/** What a token holds, as `/access/permissions` lists it: privileges by path; 1 says that they hold below as well. */
export type Held = { [path: string]: { [privilege: string]: unknown } };

/** What one token may see of a cluster, whatever a store knows of it. */
export interface Sight {
  /** It may see all of it: nothing has to be left out. */
  all: boolean;
  /** Every row that a query could read. */
  allRows: boolean;
  guest(id: number | string): boolean;
  storage(id: string): boolean;
  node(id: string): boolean;
  task(task: { nodeId: string; user: string; tokenId?: string | null }): boolean;
  /** Lines of the cluster's log about what this user did. */
  log(user: string): boolean;
  resource(key: ResourceKey): boolean;
  /** By a text such as `vm/101`; true for a text that names no resource. */
  named(text: string): boolean;
}

/** Resources whose rights are the guest's. */
const GUESTS: ReadonlySet<string> = new Set(['vm', 'container']);

/**
 * Proxmox's own rule (pveum(1), "Permission Management"): the nearest path that is listed decides, and what is held above
 * holds below where it propagates. `user` is who the token belongs to, whose tasks it always sees. Paths without any right
 * are not listed, though they take away what is held above: `exact` has what was found out about single ones.
 */
export function sightOf(held: Held, user: string, exact: ReadonlyMap<string, boolean> = new Map()): Sight {
  const may = (path: string, privilege: string): boolean => {
    for (let at = path; ; at = parentOf(at)) {
      const entry = held[at];
      if (entry !== undefined) {
        if (at === path) return privilege in entry;
        return Number(entry[privilege] ?? 0) === 1;
      }
      if (at === '/') return false;
    }
  };
  const everywhere = (path: string, ...privileges: string[]): boolean =>
    privileges.some(privilege => Number(entryAt(held, path)?.[privilege] ?? 0) === 1) &&
    Object.entries(held).every(
      ([at, entry]) => !at.startsWith(`${path}/`) || privileges.some(privilege => privilege in entry),
    );
  const guests = everywhere('/vms', 'VM.Audit');
  const storages = everywhere('/storage', 'Datastore.Audit', 'Datastore.AllocateSpace');
  const tasks = everywhere('/nodes', 'Sys.Audit');
  const log = may('/', 'Sys.Syslog');
  const owns = (who: string) => who === user || who.startsWith(`${user}!`);
  const guest = (id: number | string) => exact.get(`/vms/${id}`) ?? may(`/vms/${id}`, 'VM.Audit');
  const storage = (id: string) =>
    exact.get(`/storage/${id}`) ??
    (may(`/storage/${id}`, 'Datastore.Audit') || may(`/storage/${id}`, 'Datastore.AllocateSpace'));
  const node = (id: string) => exact.get(`/nodes/${id}`) ?? may(`/nodes/${id}`, 'Sys.Audit');
  const whole = [...exact.values()].every(seen => seen);
  const resource = ({ type, id }: ResourceKey): boolean => {
    if (GUESTS.has(type) || type === 'ha') return guest(id);
    if (type === 'storage') return storage(id);
    if (type === 'node') return node(id);
    if (type === 'pool') return may(`/pool/${id}`, 'Pool.Audit');
    return may('/', 'Sys.Audit');
  };
  return {
    all: whole && guests && storages && tasks && log && may('/', 'Sys.Audit'),
    allRows: whole && guests && storages && tasks && may('/', 'Sys.Audit'),
    guest,
    storage,
    node,
    task: ({ nodeId, user: who, tokenId }) => node(nodeId) || owns(who) || owns(tokenId ?? ''),
    log: who => log || owns(who),
    resource,
    named: text => {
      const [, type, id] = /^(vm|container|storage|node|pool|ha)\/(.+)$/.exec(text) ?? [];
      return type === undefined || resource({ type, id } as ResourceKey);
    },
  };
}

function entryAt(held: Held, path: string): Held[string] | undefined {
  return held[path] ?? (path === '/' ? undefined : entryAt(held, parentOf(path)));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
