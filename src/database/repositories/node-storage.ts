import { sqltag as sql } from '@prisma/client/runtime/client';
import type { NodeStorageEntity } from '../../model/entity.ts';
import { LONGEST } from '../../model/limits.ts';
import type { Session } from '../session/session.ts';
import { bool, bytes, defineTable, json, nullable, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { Repository } from './base.ts';

/** Keyed by node and storage, since each node has its own view even of a shared storage. */
export const nodeStorages = defineTable<NodeStorageEntity>({
  model: 'nodeStorage',
  name: 'node_storage',
  key: ['nodeId', 'storageId'],
  columns: {
    nodeId: text({ maxLength: LONGEST.id }),
    storageId: text({ maxLength: LONGEST.id }),
    active: nullable(bool()),
    totalBytes: nullable(bytes()),
    usedBytes: nullable(bytes()),
    availableBytes: nullable(bytes()),
    lastSeen: nullable(time()),
    unconfirmed: nullable(json({ maxLength: 10_000 })),
  },
});

/** How each node sees each storage. */
export class NodeStorageRepository extends Repository<
  NodeStorageEntity,
  { nodeId: string; storageId: string }
> {
  constructor(session: Session) {
    super(session, nodeStorages);
  }

  list(): Promise<NodeStorageEntity[]> {
    return readRows(this.session, nodeStorages, sql`ORDER BY t.node_id, t.storage_id`);
  }
}
