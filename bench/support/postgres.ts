import { startEmbedded } from '../../test/support/embedded-postgres.ts';

/** An actual PostgreSQL server as it comes, with fsync; its first database is empty. */
export async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const { server, urlOf, remove } = await startEmbedded();
  await server.createDatabase('bench');
  return { url: urlOf('bench'), stop: remove };
}
