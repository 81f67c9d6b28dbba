import { openStore } from '../../src/database/index.ts';
import { ourTime } from '../../src/model/time.ts';
import { serveTasks } from '../support/child.ts';
import { memory } from '../support/memory.ts';
import { BEGINNING, sampleGuest, sampleNodes, sampleVersion } from '../support/sample-data.ts';

/** The largest page a tool hands out. */
const PAGE = 500;

/** Writes versions a thousand at a time, then reads them by cursor; says how far memory rose above that of an open store. */
serveTasks({
  measure: async (options: { url: string; packageRoot: string; versions: number; reads: number }) => {
    const store = await openStore({ url: options.url, packageRoot: options.packageRoot });
    const lease = (await store.acquireLease('bench', 3_600_000))!;
    const run = await store.startRun(['inventory']);
    const commit = {
      runId: run.id,
      facet: 'inventory',
      observedAt: ourTime(BEGINNING),
      complete: true,
    } as const;
    await store.commitFacet(lease, commit, async writer => {
      await writer.upsertNodes(sampleNodes());
      await writer.upsertGuests('vm', [sampleGuest(101, 'vm')]);
      await writer.insertVersions([sampleVersion(101, 0, BEGINNING, 'vm')]);
    });
    await store.versions({}, { limit: 10 });
    // The rows are made once: only what the store itself needs is to be seen.
    const rows = Array.from({ length: 1_000 }, (_, n) => sampleVersion(100 + n, 1, BEGINNING));
    const idle = memory();

    let started = performance.now();
    for (let written = 0; written < options.versions; written += 1_000) {
      await store.commitFacet(lease, commit, writer => writer.insertVersions(rows));
    }
    const writeSeconds = (performance.now() - started) / 1000;
    const written = memory();

    started = performance.now();
    let read = 0;
    let bytes = 0;
    while (read < options.reads) {
      let beforeId: number | undefined;
      for (;;) {
        const page = await store.versions({}, { limit: PAGE, ...(beforeId !== undefined && { beforeId }) });
        if (page.length === 0) break;
        for (const version of page) bytes += Object.keys(version.state).length;
        read += page.length;
        beforeId = page.at(-1)!.id;
      }
    }
    const readSeconds = (performance.now() - started) / 1000;
    await store.close();
    return {
      idleMb: idle.peak,
      writePeakMb: written.peak,
      readPeakMb: memory().peak,
      writeSeconds,
      readSeconds,
      read,
      bytes,
    };
  },
});
