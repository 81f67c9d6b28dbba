import { afterAll, beforeAll, describe } from 'vitest';
import { type PostgresServer, startPostgres } from './database-postgres.ts';
import { type Lab, type LabOptions, startLab } from './lab.ts';

/** Runs a suite on the same simulated cluster in both engines' stores, as far as `prepare` brings it. */
export function onBothStores(
  title: string,
  { prepare, ...options }: LabOptions & { prepare: (lab: Lab) => Promise<void> },
  suite: (lab: () => Lab, engine: string) => void,
): void {
  describe.each(['sqlite', 'postgresql'])(`${title} (%s)`, engine => {
    let lab: Lab;
    let server: PostgresServer | undefined;
    beforeAll(async () => {
      server = engine === 'postgresql' ? await startPostgres() : undefined;
      lab = await startLab({ ...options, ...(server && { databaseUrl: await server.createStore() }) });
      await prepare(lab);
    });
    afterAll(async () => {
      await lab.close();
      await server?.stop();
    });
    suite(() => lab, engine);
  });
}
