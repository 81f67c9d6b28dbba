import type { ClusterState } from '../state.ts';
import { day, second } from '../timing.ts';
import type { Storage } from '../types.ts';

const gib = 2 ** 30;

/** What a storage definition must specify; the rest has defaults. Sizes in bytes. */
export type StoragePlan = Partial<Storage> & Pick<Storage, 'storage' | 'type' | 'content'>;

/** A storage definition with the defaults filled in. */
export function makeStorage(state: ClusterState, definition: StoragePlan): Storage {
  return {
    shared: false,
    disabled: false,
    nodes: undefined,
    options: {},
    total: 900 * gib,
    usedFraction: 0.35,
    growsBy: 0,
    fills: [],
    unreachable: new Map(),
    salt: state.random.int(1, 1_000_000_000),
    ...definition,
  };
}

/**
 * The storages: a directory and a ZFS pool on every node, a shared NFS export, a disabled storage, and one that only the last
 * node has.
 */
export function buildStorages(state: ClusterState): void {
  const lastNode = [...state.nodes.keys()].at(-1)!;
  const definitions: StoragePlan[] = [
    {
      storage: 'local',
      type: 'dir',
      content: ['iso', 'vztmpl', 'backup', 'snippets'],
      options: { path: '/var/lib/vz', 'prune-backups': 'keep-all=1' },
      total: 94 * gib,
    },
    {
      storage: 'local-zfs',
      type: 'zfspool',
      content: ['images', 'rootdir'],
      options: { pool: 'rpool/data', sparse: 1 },
      total: 3500 * gib,
      usedFraction: 0.52,
      growsBy: gib,
    },
    {
      storage: 'nas',
      type: 'nfs',
      content: ['images', 'iso', 'backup', 'vztmpl'],
      shared: true,
      options: { server: '10.99.250.10', export: '/volume1/pve', path: '/mnt/pve/nas' },
      total: 12_000 * gib,
      usedFraction: 0.61,
      growsBy: 30 * gib,
    },
    {
      storage: 'old-nas',
      type: 'nfs',
      content: ['backup'],
      shared: true,
      disabled: true,
      options: { server: '10.99.250.9', export: '/export', path: '/mnt/pve/old-nas' },
    },
    {
      storage: 'scratch',
      type: 'dir',
      content: ['images', 'iso'],
      nodes: [lastNode],
      options: { path: '/srv/scratch' },
      total: 450 * gib,
      usedFraction: 0.08,
    },
  ];
  for (const definition of definitions)
    state.storages.set(definition.storage, makeStorage(state, definition));
  for (const node of state.nodes.keys()) {
    addVolume(state, node, 'iso', 'debian-13.1.0-amd64-netinst.iso', 'iso', 784_334_848);
    addVolume(state, node, 'vztmpl', 'debian-13-standard_13.1-2_amd64.tar.zst', 'tzst', 129_124_352);
  }
  addVolume(state, undefined, 'iso', 'virtio-win-0.1.271.iso', 'iso', 727_711_744);
}

function addVolume(
  state: ClusterState,
  node: string | undefined,
  content: 'iso' | 'vztmpl',
  file: string,
  format: string,
  size: number,
): void {
  const storage = node === undefined ? 'nas' : 'local';
  const ctime = state.clock.seconds() - (state.random.int(5, 90) * day) / second;
  state.volumes.push({ volid: `${storage}:${content}/${file}`, storage, node, content, format, size, ctime });
}
