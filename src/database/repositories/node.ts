import { sqltag as sql } from '@prisma/client/runtime/client';
import type { NodeEntity } from '../../model/entity.ts';
import { LONGEST } from '../../model/limits.ts';
import type { Session } from '../session/session.ts';
import {
  bool,
  bytes,
  defineTable,
  int,
  json,
  nullable,
  real,
  smallJson,
  text,
  time,
} from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Removed nodes keep their rows, since tasks refer to them. */
export const nodes = defineTable<NodeEntity>({
  model: 'node',
  name: 'nodes',
  key: ['id'],
  columns: {
    id: text({ maxLength: LONGEST.id }),
    status: text({ maxLength: LONGEST.word }),
    cpuUsage: nullable(real()),
    cpuMax: nullable(int()),
    memoryUsage: nullable(bytes()),
    memoryMax: nullable(bytes()),
    uptime: nullable(int()),
    pveVersion: nullable(text()),
    startedAt: nullable(time()),
    bootAt: nullable(time()),
    removed: bool(),
    incarnation: int(),
    lastSeen: nullable(time()),
    unseenReason: nullable(smallJson()),
    unconfirmed: nullable(json({ maxLength: 10_000 })),
    createdAt: time(),
    updatedAt: time(),
  },
});

/** Cluster nodes. A node that left keeps its row, marked as removed, for the tasks that name it. */
export class NodeRepository extends Repository<NodeEntity, string> {
  constructor(session: Session) {
    super(session, nodes);
  }

  /** Nodes by id; removed ones only on request. */
  list(options: { includeRemoved?: boolean; online?: false } = {}): Promise<NodeEntity[]> {
    const conditions = where([
      options.includeRemoved ? undefined : sql`NOT t.removed`,
      options.online === false ? sql`(t.removed OR t.status <> 'online')` : undefined,
    ]);
    return readRows(this.session, nodes, sql`${conditions} ORDER BY t.id`);
  }
}
