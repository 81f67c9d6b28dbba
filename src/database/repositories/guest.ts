import { join, raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import {
  type GuestEntity,
  type GuestSighting,
  REPORTED_BY_CONFIG,
  type ReportedByConfig,
  SIGHTING_FIELDS,
} from '../../model/entity.ts';
import type { GuestFilter, GuestGroup, GuestPage, Page, Rows, Sort } from '../../model/filter.ts';
import { LONGEST } from '../../model/limits.ts';
import {
  GUEST_STATUSES,
  HA_STATES,
  HIBERNATED,
  isStatus,
  OTHER_STATUS,
  statusesCalled,
  troubled,
} from '../../model/status.ts';
import { updateRows } from '../sql/bulk.ts';
import {
  bool,
  bytes,
  type ColumnsOf,
  type Computed,
  int,
  json,
  nullable,
  real,
  smallJson,
  text,
  time,
} from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { isIn, likePattern, orderBy, when, where } from '../sql/where.ts';
import { Repository } from './base.ts';
import { readList, readPage } from './page.ts';

/** The columns that VMs and containers share. */
export const guestColumns: ColumnsOf<GuestEntity> = {
  type: text(),
  id: int({ min: 1 }),
  nodeId: text({ maxLength: LONGEST.id }),
  name: nullable(text()),
  status: nullable(text({ maxLength: LONGEST.word })),
  template: bool(),
  tags: json(),
  pool: nullable(text()),
  cpuCores: nullable(real()),
  cpuUsage: nullable(real()),
  memoryBytes: nullable(bytes()),
  memoryUsage: nullable(bytes()),
  diskSize: nullable(bytes()),
  diskUsage: nullable(bytes()),
  networkIn: nullable(bytes()),
  networkOut: nullable(bytes()),
  uptime: nullable(int()),
  haState: nullable(text()),
  lockStatus: nullable(text()),
  startedAt: nullable(time()),
  bootAt: nullable(time()),
  identity: nullable(text()),
  configSeen: nullable(time()),
  unconfirmed: nullable(json({ maxLength: 10_000 })),
  incarnation: int(),
  lastSeen: nullable(time()),
  unseenReason: nullable(smallJson()),
  createdAt: time(),
  updatedAt: time(),
};

/** A guest is managed by HA if HA has a state for it. */
export const haManaged: Computed<GuestEntity> = {
  column: bool(),
  from: guest => guest.haState !== null,
  uses: 'haState',
};

/** SQL: whether a VM is suspended to disk; never null. */
const hibernated = `(t.status = '${HIBERNATED.status}' AND coalesce(t.lock_status, '') = '${HIBERNATED.lock}')`;

/** The condition that a guest is shown in a status, as `isStatus` decides it. */
function calledSo(asked: string): Sql {
  const known = Object.keys(GUEST_STATUSES);
  const isSo =
    asked === OTHER_STATUS.called
      ? sql`(t.status IS NOT NULL AND NOT ${isIn('t.status', known)})`
      : isIn('t.status', statusesCalled(asked));
  const plain = sql`(${isSo} AND NOT ${raw(hibernated)})`;
  return isStatus('suspended', asked) ? sql`(${plain} OR ${raw(hibernated)})` : plain;
}

function inTrouble(): Sql {
  const parts = [
    isIn('t.status', troubled(GUEST_STATUSES)),
    isIn('t.ha_state', troubled(HA_STATES)),
    sql`coalesce(t.lock_status, '') <> ''`,
  ];
  return sql`(${join(parts, ' OR ')})`;
}

const UNKNOWN = 'unknown';

/** The condition that the last look saw the guest, on an online node: its row is current. */
const IN_SIGHT = sql`(t.unseen_reason IS NULL AND t.node_id IN (
  SELECT n.id FROM nodes AS n WHERE n.status = 'online' AND NOT n.removed))`;

/** The others of a table, sought by indexes: they are few, and reading who is in sight to tell takes as long as all else. */
const outOfSight = (table: string) => sql`t.id IN (
  SELECT u.id FROM ${raw(table)} AS u WHERE u.unseen_reason IS NOT NULL
  UNION SELECT a.id FROM ${raw(table)} AS a WHERE a.node_id IN (
    SELECT n.id FROM nodes AS n WHERE n.status <> 'online' OR n.removed))`;

/** What VMs and containers have in common. */
export abstract class GuestRepository extends Repository<GuestEntity, number> {
  /** All that match, or a page of them. @throws ValidationError for a sort key the table does not have. */
  async list(
    filter: GuestFilter = {},
    sort: Sort = { by: 'id', order: 'asc' },
    page?: Page,
  ): Promise<Rows<GuestEntity>> {
    const conditions = this.#conditions(filter);
    const order = orderBy(this.session.dialect, this.table, sort);
    if (page) {
      return readList(this.session, this.table, { conditions, order, page });
    }
    const rows = await readRows(this.session, this.table, sql`${conditions} ${order}`);
    return { rows, total: rows.length };
  }

  /**
   * Sums by node, status and so on, in the order of each group's smallest VMID. Sizes are those of the listing, 0 where unknown.
   */
  async groups(): Promise<GuestGroup[]> {
    const sums = 'sum(coalesce(t.cpu_cores, 0)), sum(coalesce(t.memory_bytes, 0)), min(t.id)';
    const lock = `CASE WHEN ${hibernated} THEN t.lock_status END`;
    const seen = 'CASE WHEN t.unseen_reason IS NULL THEN 1 ELSE 0 END';
    const cells = this.session.dialect.jsonArray([
      `t.node_id, t.status, ${lock}, t.template, ${seen}, count(*), ${sums}`,
    ]);
    const query = sql`SELECT ${raw(cells)} AS r FROM ${raw(this.table.name)} AS t
      GROUP BY t.node_id, t.status, ${raw(lock)}, t.template, ${raw(seen)} ORDER BY min(t.id)`;
    const rows = await this.session.select<{ r: string }>(query);
    return rows.map(({ r }) => {
      const [nodeId, status, lock, template, inSight, guests, cpuCores, memoryBytes, firstId] = JSON.parse(
        r,
      ) as [string, string | null, string | null, boolean | number, number, number, number, number, number];
      return {
        nodeId,
        status,
        lock,
        template: Boolean(template),
        seen: inSight === 1,
        guests,
        cpuCores,
        memoryBytes,
        firstId,
      };
    });
  }

  /** A page, the newest `seq` and the number of matches out of sight, in one statement. @throws ValidationError as `list` does. */
  async page(filter: GuestFilter, sort: Sort, page: Page): Promise<GuestPage> {
    const { apart, ...found } = await readPage(this.session, this.table, {
      conditions: this.#conditions(filter),
      order: orderBy(this.session.dialect, this.table, sort),
      page,
      apart: this.#conditions({ ...filter, seen: false }),
    });
    return { ...found, unseen: apart };
  }

  #conditions(filter: GuestFilter): Sql {
    const { dialect } = this.session;
    return where([
      when(filter.node, node => sql`t.node_id = ${node}`),
      when(filter.status, status =>
        status === UNKNOWN
          ? sql`(NOT ${IN_SIGHT} OR t.status IS NULL OR ${calledSo(status)})`
          : sql`(${IN_SIGHT} AND ${calledSo(status)})`,
      ),
      when(filter.seen, seen => (seen ? IN_SIGHT : outOfSight(this.table.name))),
      when(filter.pool, pool => sql`t.pool = ${pool}`),
      when(filter.template, template => sql`t.template = ${template}`),
      when(filter.name, name => dialect.like('t.name', likePattern(name))),
      filter.troubled ? inTrouble() : undefined,
      when(filter.ids, ids => {
        const rows = JSON.stringify(ids.map(id => [id]));
        // Guests out of sight are few: the sign keeps the engine from using the index on ids, so that it finds these first.
        const id = raw(filter.seen === undefined ? 't.id' : '+t.id');
        return sql`${id} IN (SELECT ${raw(dialect.cell(0, 'int'))} ${dialect.rowsFrom(rows)})`;
      }),
      filter.configUnread
        ? sql`NOT EXISTS (SELECT 1 FROM guest_configs c WHERE c.resource_type = ${raw(`'${this.table.constants.type}'`)} AND c.resource_id = t.id)`
        : undefined,
      filter.withoutBackup
        ? sql`NOT EXISTS (SELECT 1 FROM details d WHERE d.topic = 'backups' AND d.subject = ${raw(`'${this.table.constants.type}/'`)} || t.id)`
        : undefined,
      when(filter.tag, tag => dialect.arrayHas('t.tags', tag)),
    ]);
  }

  /** Sets only the fields in `rows`. */
  async refreshFromConfigs(rows: ReportedByConfig[]): Promise<void> {
    await updateRows(this.session, this.table, REPORTED_BY_CONFIG, rows as GuestEntity[]);
  }

  /** Sets only the fields in `rows` and when they were seen: a fifth of the columns, none of them indexed. */
  async refresh(seenAt: number, rows: GuestSighting[]): Promise<void> {
    const times = { lastSeen: seenAt, updatedAt: seenAt };
    await updateRows(this.session, this.table, SIGHTING_FIELDS, rows as GuestEntity[], times);
  }
}
