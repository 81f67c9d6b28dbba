import type { ClusterEntity } from '../../model/entity.ts';
import type { Session } from '../session/session.ts';
import { insertRows } from '../sql/bulk.ts';
import { bool, defineTable, int, nullable, text, time } from '../sql/columns.ts';
import { Repository } from './base.ts';

/** The key of the only row. */
const ID = 1;
type ClusterRow = ClusterEntity & { id: number };

/** A single row: the key is always 1. */
export const cluster = defineTable<ClusterRow>({
  model: 'cluster',
  name: 'cluster',
  key: ['id'],
  columns: {
    id: int(),
    name: text(),
    rootFingerprint: nullable(text()),
    firstSeen: time(),
    quorate: nullable(bool()),
  },
});

/** The cluster a store belongs to: one row. */
export class ClusterRepository extends Repository<ClusterRow, number> {
  constructor(session: Session) {
    super(session, cluster);
  }

  /** The cluster; null until a discovery has claimed the store. */
  async current(): Promise<ClusterEntity | null> {
    const row = await this.findById(ID);
    if (!row) return null;
    const { id: _, ...entity } = row;
    return entity;
  }

  /** Records the cluster at first sight; later updates everything but that moment, since a name may be learnt late. */
  async save(entity: ClusterEntity): Promise<void> {
    const row = { ...entity, id: ID };
    await insertRows(this.session, cluster, [row], 'ignore');
    const { firstSeen: _, ...later } = entity;
    await this.update(ID, later);
  }
}
