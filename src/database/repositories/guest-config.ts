import { join, sqltag as sql } from '@prisma/client/runtime/client';
import type { GuestConfigEntity } from '../../model/entity.ts';
import { GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import type { Session } from '../session/session.ts';
import { defineTable, int, json, text, time } from '../sql/columns.ts';
import { decodeRows, type RawRow, readRows, selectOf } from '../sql/rows.ts';
import { isIn } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Which guest a configuration belongs to. */
export interface GuestKey {
  type: GuestType;
  id: number;
}

/** Both types of guest together: the key is type and VMID. */
export const guestConfigs = defineTable<GuestConfigEntity>({
  model: 'guestConfig',
  name: 'guest_configs',
  key: ['type', 'id'],
  columns: {
    type: text({ field: 'resourceType', oneOf: GUEST_TYPES }),
    id: int({ field: 'resourceId', min: 1 }),
    config: json(),
    pending: json({ orJsonNull: true }),
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

  /** Those of one type of whose configuration's JSON text this is true. The others' texts are let go a thousand at a time. */
  async holding(type: GuestType, mayHold: (json: string) => boolean): Promise<GuestConfigEntity[]> {
    const found: GuestConfigEntity[] = [];
    for (let after = 0; ; ) {
      const query = sql`${selectOf(this.session.dialect, guestConfigs)}, t.resource_id AS id FROM guest_configs AS t
        WHERE t.resource_type = ${type} AND t.resource_id > ${after} ORDER BY t.resource_id LIMIT ${BATCH}`;
      const rows = await this.session.read(db => db.$queryRaw<(RawRow & { id: bigint | number })[]>(query));
      // The configuration is the first of the JSON columns.
      const held = rows.filter(({ j0 }) => j0 !== null && j0 !== undefined && mayHold(j0));
      found.push(...decodeRows(guestConfigs, held));
      if (rows.length < BATCH) return found;
      after = Number(rows.at(-1)!.id);
    }
  }
}

const BATCH = 1_000;
