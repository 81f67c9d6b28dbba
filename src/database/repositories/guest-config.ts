import { join, raw, sqltag as sql } from '@prisma/client/runtime/client';
import type { GuestConfigEntity } from '../../model/entity.ts';
import { GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import type { GuestConfig, JsonValue } from '../../model/state.ts';
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

  /**
   * Of every configuration of one type just these keys, `onboot`, and devices, `net*`: a fraction of what parsing them whole
   * takes. The engine picks out keys; a device's key stands nowhere else in a configuration's text.
   */
  async values(type: GuestType, wanted: readonly string[]): Promise<{ id: number; config: GuestConfig }[]> {
    const keys = wanted.filter(key => !key.endsWith('*'));
    const devices = wanted.filter(key => key.endsWith('*')).map(key => key.slice(0, -1));
    const { dialect } = this.session;
    const cells = [sql`t.resource_id`, ...keys.map(key => dialect.jsonMember('t.config', key))];
    const picked = sql`SELECT ${dialect.jsonRows(cells)} AS r FROM guest_configs AS t WHERE t.resource_type = ${type}`;
    const [row] = await this.session.read(db => db.$queryRaw<{ r: string | null }[]>(picked));
    const found = new Map<number, GuestConfig>();
    for (const [id, ...values] of JSON.parse(row?.r ?? '[]') as [number, ...JsonValue[]][]) {
      const config: GuestConfig = {};
      keys.forEach((key, at) => {
        if (values[at] !== null && values[at] !== undefined) config[key] = values[at];
      });
      found.set(id, config);
    }
    if (devices.length > 0)
      for (const [id, json] of await this.#texts(type))
        Object.assign(found.get(id) ?? {}, devicesIn(json, devices));
    return [...found].map(([id, config]) => ({ id, config }));
  }

  async #texts(type: GuestType): Promise<[number, string][]> {
    const query = sql`SELECT t.resource_id AS id, ${raw(this.session.dialect.jsonText('t.config'))} AS json
      FROM guest_configs AS t WHERE t.resource_type = ${type}`;
    const rows = await this.session.read(db => db.$queryRaw<{ id: bigint | number; json: string }[]>(query));
    return rows.map(({ id, json }) => [Number(id), json]);
  }

  /** Those of one type of whose JSON text, as it runs or as it waits, this is true. The others' texts are let go a thousand at a time. */
  async holding(type: GuestType, mayHold: (json: string) => boolean): Promise<GuestConfigEntity[]> {
    const found: GuestConfigEntity[] = [];
    for (let after = 0; ; ) {
      const query = sql`${selectOf(this.session.dialect, guestConfigs)}, t.resource_id AS id FROM guest_configs AS t
        WHERE t.resource_type = ${type} AND t.resource_id > ${after} ORDER BY t.resource_id LIMIT ${BATCH}`;
      const rows = await this.session.read(db => db.$queryRaw<(RawRow & { id: bigint | number })[]>(query));
      // The configuration and what waits are the first of the JSON columns.
      const held = rows.filter(({ j0, j1 }) =>
        [j0, j1].some(json => typeof json === 'string' && mayHold(json)),
      );
      found.push(...decodeRows(guestConfigs, held));
      if (rows.length < BATCH) return found;
      after = Number(rows.at(-1)!.id);
    }
  }
}

const BATCH = 1_000;

/** A device's parts are plain values: within its braces stand no others but in quotes. */
const VALUE = String.raw`(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}|"(?:[^"\\]|\\.)*"|[^,{}"\]]+)`;

/** The devices of these families in a configuration's text. A key of theirs cannot stand within a text: its quotes would be escaped. */
function devicesIn(json: string, families: readonly string[]): GuestConfig {
  const pattern = new RegExp(`"((?:${families.join('|')})\\d{1,3})":\\s*${VALUE}`, 'g');
  const found: GuestConfig = {};
  for (const [, key, value] of json.matchAll(pattern)) found[key!] = JSON.parse(value!) as JsonValue;
  return found;
}
