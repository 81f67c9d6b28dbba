import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { retrying } from '../session/retry.ts';

/**
 * Runs `work` while no other process holds the lock `PATH.lock`. The lock is SQLite's own on an empty file, so the system
 * releases it when its holder dies. Waiting does not block the event loop.
 * @throws BusyError when another process held it the whole time.
 */
export async function withFileLock<T>(path: string, forMs: number, work: () => Promise<T>): Promise<T> {
  const lock = await retrying({ forMs }, async () => {
    // Anybody who can read the lock file can hold the lock, and so block us.
    const flags = constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW;
    await (await open(`${path}.lock`, flags, 0o600)).close();
    const connection = new Database(`${path}.lock`, { timeout: 0 });
    try {
      connection.exec('BEGIN EXCLUSIVE');
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  });
  try {
    return await work();
  } finally {
    lock.close();
  }
}
