import { ApiError } from '../api-error.ts';
import { existsOn, nodeStorageRow } from '../cluster-rows.ts';
import { digestOf } from '../digest.ts';
import { disksOf } from '../guest-facts.ts';
import { noise } from '../prng.ts';
import { type ApiRequest, commaList, nodeOf, type Route } from '../route.ts';
import type { ClusterState } from '../state.ts';
import type { Storage } from '../types.ts';

const types = [
  'btrfs',
  'cephfs',
  'cifs',
  'dir',
  'esxi',
  'iscsi',
  'iscsidirect',
  'lvm',
  'lvmthin',
  'nfs',
  'pbs',
  'rbd',
  'zfs',
  'zfspool',
];
const seeing = ['Datastore.Audit', 'Datastore.AllocateSpace'];
/** The right to see a storage on a node. */
export const onNode = { on: '/storage/{storage}', privileges: seeing };

/** Storage definitions, their state on a node, and their content. */
export const storageRoutes: Route[] = [
  {
    path: '/storage',
    query: { type: { enum: types } },
    answer: request => {
      const { state, account, query } = request;
      return [...state.storages.values()]
        .filter(
          ({ storage, type }) =>
            account.rights.has(`/storage/${storage}`, ...seeing) && (query.type ?? type) === type,
        )
        .map(storage => definition(request, storage));
    },
  },
  {
    path: '/storage/{storage}',
    check: { on: '/storage/{storage}', privileges: ['Datastore.Allocate'] },
    answer: request => definition(request, storageOf(request)),
  },
  {
    path: '/nodes/{node}/storage',
    forwarded: true,
    query: {
      content: {},
      enabled: { type: 'boolean' },
      format: { type: 'boolean' },
      storage: {},
      target: {},
    },
    answer: request => {
      const { state, account, order, query } = request;
      const wanted = query.content?.split(',');
      return [...state.storages.values()]
        .filter(({ storage }) => account.rights.has(`/storage/${storage}`, ...seeing, 'Datastore.Allocate'))
        .filter(
          ({ storage, content }) =>
            (query.storage ?? storage) === storage && (wanted?.some(kind => content.includes(kind)) ?? true),
        )
        .map(storage => nodeStorageRow(state, storage, nodeOf(request), order))
        .filter(row => query.enabled !== '1' || row.enabled === 1);
    },
  },
  {
    path: '/nodes/{node}/storage/{storage}/status',
    forwarded: true,
    check: onNode,
    answer: request => {
      const {
        storage: _,
        used_fraction: __,
        ...row
      } = nodeStorageRow(request.state, usable(request, false), nodeOf(request), request.order);
      return row;
    },
  },
  {
    path: '/nodes/{node}/storage/{storage}/content',
    forwarded: true,
    check: onNode,
    query: { content: {}, vmid: { type: 'integer', minimum: 100, maximum: 999_999_999 } },
    answer: request =>
      volumes(request, usable(request, true)).filter(
        ({ content, vmid }) =>
          (request.query.content ?? content) === content &&
          (request.query.vmid === undefined || Number(request.query.vmid) === vmid),
      ),
  },
];

function storageOf({ state, path }: ApiRequest): Storage {
  const storage = state.storages.get(path.storage!);
  if (storage === undefined) throw new ApiError(500, `storage '${path.storage}' does not exist`);
  return storage;
}

/**
 * The storage in a path.
 * @throws ApiError if it is disabled, elsewhere, or (`online`) unreachable
 */
export function usable(request: ApiRequest, online: boolean): Storage {
  const storage = storageOf(request);
  const { node } = request.path;
  if (storage.disabled) throw new ApiError(500, `storage '${storage.storage}' is disabled`);
  if (!existsOn(storage, node!))
    throw new ApiError(500, `storage '${storage.storage}' is not available on node '${node}'`);
  if (online && storage.unreachable.has(node!))
    throw new ApiError(500, `storage '${storage.storage}' is not online`);
  return storage;
}

/** All definitions share a file: editing one changes the digest of each. */
export function storageDigest(state: ClusterState): string {
  return digestOf([
    state.storageWrites,
    ...[...state.storages.values()].map(each => [
      each.storage,
      each.content,
      each.nodes,
      each.disabled,
      each.options,
    ]),
  ]);
}

function definition({ state, order }: ApiRequest, storage: Storage): Record<string, unknown> {
  return {
    storage: storage.storage,
    type: storage.type,
    content: commaList(order, storage.content),
    nodes: storage.nodes === undefined ? undefined : commaList(order, storage.nodes),
    shared: storage.shared ? 1 : undefined,
    disable: storage.disabled ? 1 : undefined,
    ...storage.options,
    digest: storageDigest(state),
  };
}

interface VolumeRow extends Record<string, unknown> {
  content: string;
  vmid?: number;
}

/** Guests' disks and everything else on a storage. Archives and images require more rights than the storage itself. */
function volumes(request: ApiRequest, storage: Storage): VolumeRow[] {
  const { state, account, path } = request;
  const { rights } = account;
  const rows: VolumeRow[] = [];
  const prefix = `${storage.storage}:`;
  for (const guest of state.guests.values()) {
    if (!storage.shared && guest.node !== path.node) continue;
    if (
      !rights.has(`/vms/${guest.vmid}`, 'VM.Config.Disk') &&
      !rights.has(`/storage/${storage.storage}`, 'Datastore.Allocate')
    )
      continue;
    for (const { volid, size } of disksOf(guest)) {
      if (!volid.startsWith(prefix)) continue;
      const content = guest.type === 'qemu' ? 'images' : 'rootdir';
      const used = Math.floor(size * noise(guest.salt, 8));
      const format = guest.type === 'qemu' ? 'raw' : 'subvol';
      rows.push({
        volid,
        content,
        vmid: guest.vmid,
        format,
        size,
        used,
        parent: null,
        ctime: 1_750_000_000 + guest.vmid,
      });
    }
  }
  for (const volume of state.volumes) {
    if (volume.storage !== storage.storage || (volume.node !== undefined && volume.node !== path.node))
      continue;
    if (volume.content === 'backup') {
      const may =
        rights.has(`/storage/${storage.storage}`, 'Datastore.AllocateSpace') &&
        rights.has(`/vms/${volume.vmid}`, 'VM.Backup');
      if (!may) continue;
    }
    const { storage: _, node: __, saved: ___, ...row } = volume;
    rows.push(row);
  }
  return rows;
}
