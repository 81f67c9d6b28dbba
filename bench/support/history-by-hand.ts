import Database from 'better-sqlite3';
import { withConnection } from '../../src/database/postgresql/connection.ts';

interface Key {
  type: string;
  id: string;
}

/** The history's questions as somebody would write them for one engine; answers are parsed as far as they are used. */
export interface HistoryByHand {
  /** A resource's newest 50 versions. */
  history(key: Key): Promise<number>;
  /** State before and after of everything that changed in `after < seq <= to`. */
  difference(after: number, to: number): Promise<number>;
  /** The newest version of everything up to `seq`. */
  everythingAt(seq: number): Promise<number>;
}

const HISTORY = (marks: [string, string]) =>
  `SELECT seq, snapshot_time, change_type, fields FROM state_snapshots WHERE resource_type = ${marks[0]} AND resource_id = ${marks[1]} ORDER BY seq DESC, id DESC LIMIT 50`;
const newest = (seq: string) =>
  `(SELECT v.resource_data FROM state_snapshots v WHERE v.resource_type = k.resource_type AND v.resource_id = k.resource_id AND v.seq <= ${seq} ORDER BY v.seq DESC, v.id DESC LIMIT 1)`;
const DIFFERENCE = (after: string, to: string) =>
  `SELECT k.resource_type, k.resource_id, ${newest(after)} AS before, ${newest(to)} AS after FROM (SELECT DISTINCT resource_type, resource_id FROM state_snapshots WHERE seq > ${after} AND seq <= ${to}) k`;
const EVERYTHING = (seq: string) =>
  `SELECT k.resource_type, k.resource_id, ${newest(seq)} AS state FROM (SELECT DISTINCT resource_type, resource_id FROM state_snapshots) k`;

type Row = Record<string, unknown>;
const parsed = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);

/** Reads a row's JSON columns, so that the floor does what any answer needs. */
function read(rows: Row[], ...columns: string[]): number {
  for (const row of rows) for (const column of columns) parsed(row[column]);
  return rows.length;
}

/** Works on SQLite through better-sqlite3. */
export async function withSqlite<T>(path: string, work: (hand: HistoryByHand) => Promise<T>): Promise<T> {
  const database = new Database(path, { readonly: true });
  const history = database.prepare(HISTORY(['?', '?']));
  const difference = database.prepare(DIFFERENCE('@after', '@to'));
  const everything = database.prepare(EVERYTHING('?'));
  try {
    return await work({
      history: async key => read(history.all(key.type, key.id) as Row[], 'fields'),
      difference: async (after, to) => read(difference.all({ after, to }) as Row[], 'before', 'after'),
      everythingAt: async seq => read(everything.all(seq) as Row[], 'state'),
    });
  } finally {
    database.close();
  }
}

/** Works on PostgreSQL through pg, which parses JSON columns itself. */
export function withPostgresql<T>(url: string, work: (hand: HistoryByHand) => Promise<T>): Promise<T> {
  return withConnection(url, connection => {
    const ask = async (sql: string, values: unknown[], ...columns: string[]) =>
      read((await connection.query(sql, values)).rows as Row[], ...columns);
    return work({
      history: key => ask(HISTORY(['$1', '$2']), [key.type, key.id], 'fields'),
      difference: (after, to) => ask(DIFFERENCE('$1', '$2'), [after, to], 'before', 'after'),
      everythingAt: seq => ask(EVERYTHING('$1'), [seq], 'state'),
    });
  });
}
