import { empty, sqltag as sql } from '@prisma/client/runtime/client';
import type { NodeEntity } from '../../model/entity.ts';
import { bool, bytes, defineTable, int, nullable, real, text, time } from '../columns.ts';
import { readRows } from '../rows.ts';
import type { Session } from '../session.ts';
import { Repository } from './base.ts';

export const nodes = defineTable<NodeEntity>({
  model: 'node',
  name: 'nodes',
  key: ['id'],
  columns: {
    id: text({ maxLength: 200 }),
    status: text({ maxLength: 100 }),
    cpuUsage: nullable(real()),
    cpuMax: nullable(int()),
    memoryUsage: nullable(bytes()),
    memoryMax: nullable(bytes()),
    uptime: nullable(int()),
    pveVersion: nullable(text()),
    startedAt: nullable(time()),
    removed: bool(),
    incarnation: int(),
    lastSeen: nullable(time()),
    unseenReason: nullable(text()),
    createdAt: time(),
    updatedAt: time(),
  },
});

/** Cluster nodes. A node that left keeps its row, marked removed, for the tasks that name it. */
export class NodeRepository extends Repository<NodeEntity, string> {
  constructor(session: Session) {
    super(session, nodes);
  }

  list(includeRemoved: boolean): Promise<NodeEntity[]> {
    return readRows(
      this.session,
      nodes,
      sql`${includeRemoved ? empty : sql`WHERE NOT t.removed`} ORDER BY t.id`,
    );
  }
}
