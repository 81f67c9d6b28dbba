import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwnPostgres } from './database-postgres.ts';
import { postgresSocket } from './test-run.ts';

/**
 * What all files of one test run share: a folder, and a PostgreSQL server that starts when the first file asks for it.
 * Whoever connects to the socket in the folder is told the server's address. Ends with the run.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'mpc-test-run-'));
  process.env['TEST_RUN_FOLDER'] = folder;
  let server: ReturnType<typeof startOwnPostgres> | undefined;
  const listener = createServer(async socket => {
    socket.on('error', () => {});
    server ??= startOwnPostgres();
    const { url } = await server.catch(error => ({ url: `failed: ${error}` }));
    socket.end(url);
  });
  await new Promise<void>(resolve => listener.listen(postgresSocket(folder), resolve));
  return async () => {
    listener.close();
    await (await server)?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
