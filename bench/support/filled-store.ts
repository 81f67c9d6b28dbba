import type { DatabaseStore } from '../../src/database/index.ts';
import { GUEST_TYPES } from '../../src/model/resource.ts';
import { clusterTime, ourTime } from '../../src/model/time.ts';
import { BEGINNING, sampleGuest, sampleNodes, sampleState, typeOf } from './sample-data.ts';

/** How many guests `fillStore` makes. */
export const GUESTS = 10_000;

/** Ten thousand guests on their nodes with their configurations, as a discovery leaves them. */
export async function fillStore({ repositories }: DatabaseStore): Promise<void> {
  const ids = Array.from({ length: GUESTS }, (_, n) => 100 + n);
  await repositories.nodes.upsertMany(sampleNodes());
  await repositories.discoveryRuns.create({
    startedAt: BEGINNING,
    finishedAt: BEGINNING,
    status: 'completed',
    facets: ['inventory', 'config'],
    apiCalls: 2,
    counts: { discovered: GUESTS, created: 0, updated: 0, deleted: 0, unchanged: 0 },
    unseen: [],
    warnings: [],
    error: null,
  });
  const commit = {
    runId: 1,
    at: clusterTime(BEGINNING),
    observedAt: ourTime(BEGINNING),
    complete: true,
    changes: GUESTS,
  };
  await repositories.commits.upsertMany([
    { ...commit, seq: 1, facet: 'inventory' },
    { ...commit, seq: 2, facet: 'config' },
  ]);
  for (const type of GUEST_TYPES) {
    const guests = ids.filter(id => typeOf(id) === type).map(id => sampleGuest(id));
    await (type === 'vm' ? repositories.vms : repositories.containers).upsertMany(guests);
  }
  for (let start = 0; start < ids.length; start += 1_000)
    await repositories.guestConfigs.upsertMany(ids.slice(start, start + 1_000).map(configOf));
}

/** Every third starts with its node, every fifth has the host's processor, every fiftieth a disk on IDE. */
function configOf(id: number) {
  const { config = {}, pending = {} } = sampleState(id, 0);
  return {
    type: typeOf(id),
    id,
    config: {
      ...config,
      agent: { enabled: id % 7 === 0 ? 0 : 1 },
      ...(id % 3 === 0 && { onboot: 1 }),
      ...(id % 5 === 0 && { cpu: { cputype: 'host' } }),
      ...(id % 50 === 0 && { ide0: { volume: `local:${id}/vm-${id}-disk-9.qcow2`, size: '8G' } }),
    },
    pending,
    snapshots: {},
    observedAt: ourTime(BEGINNING),
  };
}
