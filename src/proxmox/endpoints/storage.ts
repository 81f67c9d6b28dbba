import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  one,
  pveBoolean,
  pveBytes,
  pveMadeAt,
  pveObject,
  pveString,
  pveVmid,
  pveWord,
  rows,
} from '../schema.ts';

const definition = z.looseObject({
  storage: pveWord,
  type: pveWord.optional(),
  content: pveString.optional(),
  nodes: pveString.optional(),
  shared: pveBoolean.optional(),
  disable: pveBoolean.optional(),
});

const nodeStorage = z.looseObject({
  storage: pveWord,
  active: pveBoolean.optional(),
  enabled: pveBoolean.optional(),
  total: pveBytes.optional(),
  used: pveBytes.optional(),
  avail: pveBytes.optional(),
});

const volume = z.looseObject({
  volid: pveString,
  size: pveBytes.optional(),
  ctime: pveMadeAt.optional(),
  vmid: pveVmid.optional(),
});

/** One row of /storage: how a storage is defined for the whole cluster. */
export type StorageDefinition = z.output<typeof definition>;
/** One row of a storage's content. */
export type Volume = z.output<typeof volume>;

/** Each becomes a row per node, and for each missing one Proxmox is asked again. */
const STORAGES_AT_MOST = 2_000;

/** Storages: definitions for the cluster, state and content per node. */
export const storage = {
  definitions: endpoint('/storage', {
    query: ['type'],
    maxMiB: 2,
    answer: rows(definition, { atMost: STORAGES_AT_MOST, about: row => row.storage }),
    facet: 'storage',
    privilege: 'Datastore.Audit',
    doc: 'How each storage is defined, including disabled ones.',
  }),
  ofNode: endpoint('/nodes/{node}/storage', {
    query: ['content', 'enabled', 'format', 'storage', 'target'],
    answer: rows(nodeStorage, { atMost: STORAGES_AT_MOST, about: row => row.storage }),
    facet: 'storage',
    privilege: 'Datastore.Audit',
    doc: 'Each storage as a node sees it; an unreachable one is inactive with 0 bytes.',
    mayHang: true,
  }),
  status: endpoint('/nodes/{node}/storage/{storage}/status', {
    answer: one(pveObject),
    facet: 'storage',
    privilege: 'Datastore.Audit on /storage/{storage}',
    doc: 'One storage as a node sees it; asked when the list lacks it, to tell whether it is gone.',
    mayHang: true,
  }),
  content: endpoint('/nodes/{node}/storage/{storage}/content', {
    query: ['content', 'vmid'],
    maxMiB: 32,
    answer: rows(volume, { about: row => row.volid }),
    facet: 'backups',
    privilege: 'Datastore.Audit on /storage/{storage}; backups need Datastore.AllocateSpace and VM.Backup',
    doc: 'Volumes, images and backups the token may see; 500 when the storage is unreachable.',
    mayHang: true,
  }),
};
