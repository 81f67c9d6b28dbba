import { sqltag as sql } from '@prisma/client/runtime/client';
import type { StorageEntity } from '../../model/entity.ts';
import { LONGEST } from '../../model/limits.ts';
import type { Session } from '../session/session.ts';
import { bool, bytes, defineTable, int, json, nullable, smallJson, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { Repository } from './base.ts';

/** The definitions in the cluster's storage.cfg; the nodes' views are in `nodeStorages`. */
export const storages = defineTable<StorageEntity>({
  model: 'storage',
  name: 'storage',
  key: ['id'],
  columns: {
    id: text({ maxLength: LONGEST.id }),
    type: text({ maxLength: LONGEST.word }),
    contentTypes: json(),
    enabled: bool(),
    shared: bool(),
    nodes: json(),
    path: nullable(text()),
    options: json(),
    totalBytes: nullable(bytes()),
    usedBytes: nullable(bytes()),
    availableBytes: nullable(bytes()),
    incarnation: int(),
    lastSeen: nullable(time()),
    unseenReason: nullable(smallJson()),
    createdAt: time(),
    updatedAt: time(),
  },
});

/** Storages as the cluster defines them. */
export class StorageRepository extends Repository<StorageEntity, string> {
  constructor(session: Session) {
    super(session, storages);
  }

  list(): Promise<StorageEntity[]> {
    return readRows(this.session, storages, sql`ORDER BY t.id`);
  }
}
