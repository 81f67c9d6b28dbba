import { withConnection } from '../../src/database/postgresql/connection.ts';
import { migratePostgresql } from '../../src/database/postgresql/migrate.ts';
import { noLog } from '../../src/log.ts';
import { packageRoot } from './database-root.ts';
import { startEmbedded } from './embedded-postgres.ts';
import { sharedPostgres } from './test-run.ts';

/** A PostgreSQL server for tests: an actual one of our own, or the one TEST_POSTGRES_URL names. */
export interface PostgresServer {
  /** A new, empty database's address. */
  createDatabase(): Promise<string>;
  /** The address of a new store with all tables and no rows: a copy of one that was migrated. */
  createStore(): Promise<string>;
  /** Stops and starts the server under its clients; absent where the server is not ours. */
  restart?: () => Promise<void>;
  /** Stops the server under its clients and gives what starts it again; absent where the server is not ours. */
  pause?: () => Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

let created = 0;
const nextName = () => `mpc_test_${process.pid}_${Date.now().toString(36)}_${created++}`;

/**
 * The server that all files of a run share, started when the first one asks; `stop` takes away what was created here. It
 * cannot be restarted: `startOwnPostgres` gives one that can.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const shared = process.env.TEST_POSTGRES_URL ?? (await sharedPostgres());
  if (shared === undefined) return startOwnPostgres();
  const { drop, ...create } = databasesOn(shared);
  return { ...create, stop: drop };
}

/** A server of the caller's own, to stop and to start. Where TEST_POSTGRES_URL names one, that: it stays up. */
export async function startOwnPostgres(): Promise<PostgresServer & { url: string }> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given) return { ...(await startPostgres()), url: given };
  const own = await startOwn();
  const { createDatabase, createStore } = databasesOn(own.url);
  return { ...own, createDatabase, createStore };
}

const TEMPLATE = 'mpc_test_template';
/** Any number, the same in every process: whoever holds it may make the template. */
const TEMPLATE_LOCK = 20_261_128;

/** Creates databases on a server, which `drop` takes away again. */
function databasesOn(admin: string) {
  const names: string[] = [];
  const urlOf = (name: string) => Object.assign(new URL(admin), { pathname: `/${name}` }).href;
  const create = async (template?: string) => {
    const name = nextName();
    names.push(name);
    const from = template === undefined ? '' : ` TEMPLATE ${template}`;
    await withConnection(admin, connection => connection.query(`CREATE DATABASE ${name}${from}`));
    return urlOf(name);
  };
  let template: Promise<string> | undefined;
  return {
    createDatabase: () => create(),
    async createStore() {
      // A server that stays after the run keeps nothing of ours, and may hold a template of another version.
      if (process.env.TEST_POSTGRES_URL) return create();
      template ??= makeTemplate(admin, urlOf);
      return create(await template);
    },
    async drop() {
      for (const name of names.splice(0)) {
        await withConnection(admin, connection =>
          connection.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
        );
      }
    },
  };
}

/** Made by whichever worker asks first; the others wait for it. */
function makeTemplate(admin: string, urlOf: (name: string) => string): Promise<string> {
  return withConnection(admin, async connection => {
    await connection.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await connection.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (rowCount === 0) {
      const draft = `${TEMPLATE}_draft`;
      await connection.query(`CREATE DATABASE ${draft}`);
      await migratePostgresql({ url: urlOf(draft), packageRoot, autoMigrate: true, log: noLog });
      await connection.query(`ALTER DATABASE ${draft} RENAME TO ${TEMPLATE}`);
    }
    await connection.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
    return TEMPLATE;
  });
}

async function startOwn() {
  // Tests need no safety against power cuts.
  const { server, urlOf, remove } = await startEmbedded([
    ...['fsync', 'synchronous_commit', 'full_page_writes'].map(name => `${name}=off`),
    'max_connections=300',
  ]);
  return {
    url: urlOf(),
    async restart() {
      await server.stop();
      await server.start();
    },
    async pause() {
      await server.stop();
      return () => server.start();
    },
    stop: remove,
  };
}
