/** A process of its own that commits 2,000 versions and guests at a time, again and again, until it is killed. */

import { openStore } from '../../src/database/index.ts';
import { ourTime } from '../../src/model/time.ts';
import { aGuest, aNode, aVersion } from './database-fixtures.ts';
import { packageRoot } from './database-root.ts';

const store = await openStore({ url: process.argv[2]!, packageRoot });
const lease = (await store.acquireLease(`writer-${process.pid}`, 60_000))!;
const run = await store.startRun(['inventory']);
const ids = Array.from({ length: 2_000 }, (_, n) => 100 + n);
process.stdout.write('ready\n');
for (;;) {
  await store.commitFacet(
    lease,
    { runId: run.id, facet: 'inventory', observedAt: ourTime(Date.now()), complete: true },
    async commit => {
      await commit.upsertNodes([aNode()]);
      await commit.upsertGuests(
        'vm',
        ids.map(id => aGuest(id, { name: `at-${commit.seq}` })),
      );
      await commit.insertVersions(ids.map(id => aVersion(id)));
    },
  );
  process.stdout.write('committed\n');
}
