import { STORAGE_FIELDS } from '../../model/field-names.ts';
import { reasonText } from '../../model/reason-text.ts';
import { isSecretPath } from '../../text/secret-words.ts';
import { gib, percent } from '../format/units.ts';
import { bookOf } from '../where/book.ts';
import type { Field, FieldBook } from '../where/field.ts';
import type { StorageFact } from './fact.ts';

/** Options of a storage's definition that can be named: from the schemas of the plugins of libpve-storage 9. */
const OPTIONS = [
  ...['authsupported', 'base', 'blocksize', 'bwlimit', 'comstar_hg', 'comstar_tg', 'create-base-path'],
  ...['create-subdirs', 'content-dirs', 'data-pool', 'datastore', 'domain', 'encryption-key', 'export'],
  ...['fingerprint', 'format', 'fs-name', 'fuse', 'is_mountpoint', 'iscsiprovider', 'krbd', 'lio_tpg'],
  ...[
    'max-protected-backups',
    'maxfiles',
    'mkdir',
    'monhost',
    'mountpoint',
    'namespace',
    'nocow',
    'nowritecache',
  ],
  ...['options', 'path', 'pool', 'port', 'portal', 'preallocation', 'prune-backups', 'saferemove', 'server'],
  ...[
    'server2',
    'share',
    'skip-cert-verification',
    'smbversion',
    'snapshot-as-volume-chain',
    'sparse',
    'subdir',
  ],
  ...['tagged_only', 'target', 'thinpool', 'username', 'vgname', 'volume', 'zfs-base-path'],
];

const options = new Map(
  OPTIONS.flatMap(name =>
    [name, `options.${name}`].map((asked): [string, Field<StorageFact>] => [asked, option(asked, name)]),
  ),
);

function option(asked: string, name: string): Field<StorageFact> {
  return {
    name: asked,
    kind: 'text',
    secret: isSecretPath(`options.${name}`),
    read: fact => {
      const value = Object.hasOwn(fact.options, name) ? fact.options[name] : null;
      if (value === null || value === undefined) return null;
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    },
  };
}

/** A size that is the present one: a condition must not be answered by the last known size. */
const size = (of: (fact: StorageFact) => number | null) => ({
  read: (fact: StorageFact) => (fact.isSizeCurrent ? of(fact) : undefined),
});

/** What conditions, columns and groups can name for storages. */
export const STORAGE_BOOK: FieldBook<StorageFact> = bookOf(
  'storages',
  STORAGE_FIELDS,
  {
    resource: { read: fact => `storage/${fact.storage}` },
    storage: { read: fact => fact.storage },
    type: { read: fact => fact.type },
    node: { read: fact => (fact.nodes.length === 0 ? null : fact.nodes) },
    shared: { read: fact => fact.shared },
    enabled: { read: fact => fact.enabled },
    status: { read: fact => fact.status },
    last_status: { read: fact => fact.lastStatus ?? fact.status },
    unseen: { read: fact => fact.out !== null },
    unseen_since: { read: fact => fact.out?.since ?? null },
    unseen_reason: { read: fact => (fact.out === null ? null : reasonText(fact.out.reason)) },
    content: { read: fact => fact.content },
    total_gib: size(fact => gib(fact.totalBytes)),
    used_gib: size(fact => gib(fact.usedBytes)),
    free_gib: size(fact => gib(fact.freeBytes)),
    used_percent: size(fact => percent(fact.usedBytes, fact.totalBytes)),
  },
  options,
);
