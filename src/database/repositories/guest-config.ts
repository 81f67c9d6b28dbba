import { join, raw, sqltag as sql } from '@prisma/client/runtime/client';
import type { ConfigValues, GuestConfigEntity } from '../../model/entity.ts';
import { GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import type { GuestConfig, JsonObject, JsonValue } from '../../model/state.ts';
import type { Session } from '../session/session.ts';
import { defineTable, int, json, text, time } from '../sql/columns.ts';
import { decodeRows, type RawRow, readRows, selectOf } from '../sql/rows.ts';
import { isIn } from '../sql/where.ts';
import { Repository } from './base.ts';
import { devicesIn, type WantedDevices, wantedDevices } from './device-texts.ts';

/** The guest that a configuration belongs to. */
export interface GuestKey {
  type: GuestType;
  id: number;
}

/** Both types of guest in one table: the key is type and VMID. */
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

/** Guests' configurations, separate from the guests' rows so that a usage refresh does not rewrite them. */
export class GuestConfigRepository extends Repository<GuestConfigEntity, GuestKey> {
  constructor(session: Session) {
    super(session, guestConfigs);
  }

  /** The configurations of these guests, without those never read. */
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

  /**
   * For every configuration of one type only these keys (`onboot`) and devices (`wantedDevices`), at a fraction of the cost of
   * parsing whole configurations. The engine extracts the keys. Configurations with equal devices may be one object.
   */
  async values(
    type: GuestType,
    wanted: readonly string[],
    { pending: withPending = false }: { pending?: boolean } = {},
  ): Promise<ConfigValues[]> {
    const keys = wanted.filter(key => /^[^*.]+$/.test(key));
    const { dialect } = this.session;
    const ofDevices = wantedDevices(wanted);
    const devices = ofDevices && (await this.#devices(type, ofDevices));
    if (devices !== null && keys.length === 0 && !withPending)
      return [...devices].map(([id, config]) => ({ id, config }));
    const cells = [
      sql`t.resource_id`,
      withPending ? dialect.jsonCell('t.pending') : sql`NULL`,
      ...keys.map(key => dialect.jsonMember('t.config', key)),
    ];
    const picked = sql`SELECT ${dialect.jsonRows(cells)} AS r FROM guest_configs AS t WHERE t.resource_type = ${type}`;
    const [row] = await this.session.select<{ r: string | null }>(picked);
    return (JSON.parse(row?.r ?? '[]') as [number, JsonObject | null, ...JsonValue[]][]).map(
      ([id, pending, ...values]) => {
        const config: GuestConfig = { ...devices?.get(id) };
        for (const [at, key] of keys.entries()) {
          const value = values[at];
          if (value !== null && value !== undefined) config[key] = value;
        }
        return withPending ? { id, config, pending } : { id, config };
      },
    );
  }

  /** Devices by VMID. Texts are read as one text per batch: a row for each would cost more than everything else. */
  async #devices(type: GuestType, wanted: WantedDevices): Promise<Map<number, GuestConfig>> {
    const { dialect } = this.session;
    const line = `t.resource_id || ':' || ${dialect.jsonText('t.config')}`;
    const found = new Map<number, GuestConfig>();
    for (let after = 0; ; ) {
      const query = sql`SELECT ${raw(dialect.joined('b.line'))} AS lines, max(b.id) AS last FROM (
        SELECT t.resource_id AS id, ${raw(line)} AS line FROM guest_configs AS t
        WHERE t.resource_type = ${type} AND t.resource_id > ${after} ORDER BY t.resource_id LIMIT ${BATCH}) AS b`;
      const [row] = await this.session.select<{ lines: string | null; last: bigint | number | null }>(query);
      if (typeof row?.lines !== 'string') return found;
      const lines = row.lines.split('\u001E');
      for (const [at, devices] of devicesIn(lines, wanted).entries())
        found.set(Number.parseInt(lines[at]!, 10), devices);
      after = Number(row.last);
    }
  }

  /**
   * The configurations of one type whose JSON text, running or pending, passes this test. Texts are read a thousand at a time.
   */
  async holding(type: GuestType, mayHold: (json: string) => boolean): Promise<GuestConfigEntity[]> {
    const found: GuestConfigEntity[] = [];
    for (let after = 0; ; ) {
      const query = sql`${selectOf(this.session.dialect, guestConfigs, 'text')}, t.resource_id AS id FROM guest_configs AS t
        WHERE t.resource_type = ${type} AND t.resource_id > ${after} ORDER BY t.resource_id LIMIT ${BATCH}`;
      const rows = await this.session.select<RawRow & { id: bigint | number }>(query);
      // The configuration and its pending values are the first JSON columns.
      const held = rows.filter(({ j0, j1 }) =>
        [j0, j1].some(json => typeof json === 'string' && mayHold(json)),
      );
      found.push(...decodeRows(guestConfigs, held, 'text'));
      if (rows.length < BATCH) return found;
      after = Number(rows.at(-1)!.id);
    }
  }
}

const BATCH = 1_000;
