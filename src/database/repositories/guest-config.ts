import { join, sqltag as sql } from '@prisma/client/runtime/client';
import type { GuestConfigEntity } from '../../model/entity.ts';
import { GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import { defineTable, int, json, text, time } from '../columns.ts';
import { readRows } from '../rows.ts';
import type { Session } from '../session.ts';
import { isIn } from '../where.ts';
import { Repository } from './base.ts';

/** Which guest a configuration belongs to. */
export interface GuestKey {
  type: GuestType;
  id: number;
}

export const guestConfigs = defineTable<GuestConfigEntity>({
  model: 'guestConfig',
  name: 'guest_configs',
  key: ['type', 'id'],
  columns: {
    type: text({ field: 'resourceType', oneOf: GUEST_TYPES }),
    id: int({ field: 'resourceId', min: 1 }),
    config: json(),
    pending: json(),
    snapshots: json(),
    observedAt: time(),
  },
});

/** Guests' configurations, apart from their rows so that a usage refresh does not rewrite them. */
export class GuestConfigRepository extends Repository<GuestConfigEntity, GuestKey> {
  constructor(session: Session) {
    super(session, guestConfigs);
  }

  /** The configurations of these guests, those never read left out. */
  async of(keys: GuestKey[]): Promise<GuestConfigEntity[]> {
    const groups = GUEST_TYPES.map(type => ({
      type,
      ids: keys.filter(key => key.type === type).map(key => key.id),
    }))
      .filter(group => group.ids.length > 0)
      .map(group => sql`(t.resource_type = ${group.type} AND ${isIn('t.resource_id', group.ids)})`);
    if (groups.length === 0) return [];
    return readRows(
      this.session,
      guestConfigs,
      sql`WHERE ${join(groups, ' OR ')} ORDER BY t.resource_type, t.resource_id`,
    );
  }
}
