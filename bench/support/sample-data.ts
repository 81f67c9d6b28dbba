import type { DatedVersion } from '../../src/model/change.ts';
import type { GuestEntity, NodeEntity } from '../../src/model/entity.ts';
import { GUEST_TYPES, type GuestType } from '../../src/model/resource.ts';
import type { GuestConfig, GuestState } from '../../src/model/state.ts';
import { clusterTime, ourTime } from '../../src/model/time.ts';

/** When the made-up cluster begins. */
export const BEGINNING = Date.UTC(2024, 10, 20);
const seen = {
  incarnation: 1,
  lastSeen: ourTime(BEGINNING),
  unseenReason: null,
  updatedAt: BEGINNING,
};

export const nodeOf = (id: number): string => `pve${1 + (id % 16)}`;
/** Every fourth guest is a container, as in the simulated cluster. */
export const typeOf = (id: number): GuestType => GUEST_TYPES[id % 4 === 0 ? 1 : 0];
const nameOf = (id: number): string => `web-${id}.example.com`;

export function sampleNodes(): NodeEntity[] {
  return Array.from({ length: 16 }, (_, n) => ({
    ...seen,
    id: nodeOf(n),
    status: 'online',
    cpuUsage: 0.25,
    cpuMax: 64,
    memoryUsage: 2 ** 38,
    memoryMax: 2 ** 39,
    uptime: 86_400,
    pveVersion: '9.0.3',
    startedAt: BEGINNING,
    bootAt: ourTime(BEGINNING),
    createdAt: ourTime(BEGINNING),
    removed: false,
    unconfirmed: null,
  }));
}

export function sampleGuest(id: number, type = typeOf(id)): GuestEntity {
  return {
    ...seen,
    type,
    id,
    nodeId: nodeOf(id),
    name: nameOf(id),
    status: 'running',
    template: false,
    tags: ['prod', 'web'],
    pool: null,
    cpuCores: 4,
    cpuUsage: 0.123456789,
    memoryBytes: 2 ** 33,
    memoryUsage: 2 ** 32,
    diskSize: 2 ** 35,
    diskUsage: 0,
    networkIn: 123_456_789_012,
    networkOut: 987_654_321,
    uptime: 86_400,
    haState: null,
    lockStatus: null,
    createdAt: clusterTime(BEGINNING),
    startedAt: clusterTime(BEGINNING),
    bootAt: ourTime(BEGINNING),
    identity: null,
    configSeen: ourTime(BEGINNING),
    unconfirmed: null,
  };
}

/** A state as large as a real one: about 1.3 KB of JSON. The revision is in its description. */
export function sampleState(id: number, revision: number): GuestState {
  const config: GuestConfig = {
    description: `revision ${revision}`,
    cores: 4,
    sockets: 1,
    memory: 8192,
    cpu: { cputype: 'x86-64-v2-AES' },
    ostype: 'l26',
    boot: { order: 'scsi0;net0' },
    scsihw: 'virtio-scsi-single',
    agent: { enabled: true, fstrim_cloned_disks: true },
    smbios1: { uuid: `8c1f2a64-0000-4000-8000-${String(id).padStart(12, '0')}` },
    vmgenid: `1c1f2a64-0000-4000-8000-${String(id).padStart(12, '0')}`,
  };
  for (let n = 0; n < 4; n++) {
    config[`scsi${n}`] = {
      volume: `local-zfs:vm-${id}-disk-${n}`,
      size: '32G',
      iothread: true,
      discard: 'on',
    };
    config[`net${n}`] = {
      model: 'virtio',
      macaddr: `BC:24:11:0${n}:${id >> 8}:${id % 256}`,
      bridge: 'vmbr0',
      tag: 20,
    };
  }
  return {
    name: nameOf(id),
    status: 'running',
    node: nodeOf(id),
    tags: ['prod', 'web'],
    template: false,
    started_at: BEGINNING,
    config,
    pending: {},
    snapshots: {},
  };
}

/** The version that brings a guest to a revision; revision 0 is its first sight. */
export function sampleVersion(id: number, revision: number, at: number, type = typeOf(id)): DatedVersion {
  const first = revision === 0;
  return {
    type,
    resourceId: String(id),
    incarnation: 1,
    change: first ? 'discovered' : 'updated',
    facet: first ? 'inventory' : 'config',
    name: nameOf(id),
    node: nodeOf(id),
    fields: first
      ? []
      : [{ path: 'config.description', from: `revision ${revision - 1}`, to: `revision ${revision}` }],
    state: sampleState(id, revision) as unknown as DatedVersion['state'],
    windowAfter: first ? null : clusterTime(at - 3_600_000),
    windowBefore: clusterTime(at),
  };
}
