/** A process of its own that reads and writes one store for so many rounds; prints what it saw as JSON. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openStore } from '../../src/database/index.ts';
import { packageRoot } from './database-root.ts';

const [url, name, rounds] = process.argv.slice(2) as [string, string, string];
const store = await openStore({ url, packageRoot, autoMigrate: true });
const seen = { written: 0, transactions: 0, reads: 0, failures: [] as string[] };
const { notes } = store.repositories;
let writing = true;

const begin = Date.now();
/** What failed, when, and after how long. */
const failed = (what: string, since: number, error: unknown) => {
  const { code, message } = error as { code?: string; message: string };
  seen.failures.push(
    `${name} ${what} from ${since - begin} to ${Date.now() - begin} ms: ${code}: ${message}`,
  );
};

async function writer(lane: number): Promise<void> {
  for (let n = 0; n < Number(rounds); n++) {
    const key = `${name}/${lane}/${n}`;
    const since = Date.now();
    try {
      if (n % 2) {
        await notes.create({ key, value: 'x' });
        seen.written++;
      } else {
        // Two rows and a shared counter: whole or not at all, and no increment lost.
        await store.transaction(async tx => {
          const shared = Number((await tx.notes.findById('counter'))?.value ?? 0);
          await tx.notes.upsertMany([{ key: 'counter', value: String(shared + 1) }]);
          await tx.notes.upsertMany([
            { key: `${key}/a`, value: 'x' },
            { key: `${key}/b`, value: 'x' },
          ]);
        });
        seen.written += 2;
        seen.transactions++;
      }
    } catch (error) {
      failed(n % 2 ? 'create' : 'transaction', since, error);
    }
  }
}

async function reader(): Promise<void> {
  while (writing) {
    const since = Date.now();
    try {
      await notes.findMany({ limit: 20 });
      seen.reads++;
    } catch (error) {
      failed('read', since, error);
    }
    // SQLite answers without leaving the turn of the event loop: a loop of reads alone would let no timer run.
    await nextTurn();
  }
}

const reading = reader();
await Promise.all([writer(0), writer(1)]);
writing = false;
await reading;
await store.close();
process.stdout.write(JSON.stringify(seen));
