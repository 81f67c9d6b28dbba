import type { StoredMask } from '../../model/store.ts';
import type { Repository } from '../repositories/base.ts';
import type { Repositories } from '../repositories/index.ts';

/** Rows read at a time, since a version's state may be large. */
const BATCH = 200;

/**
 * Applies masks to everything stored that contains text of the cluster, and rewrites what they change: `compared` for values that
 * new readings are compared with, the other for everything else. Ids and references stay. Returns how many rows were written.
 */
export async function maskStored(
  repositories: Repositories,
  { shown: mask, compared }: { shown: StoredMask; compared: StoredMask },
): Promise<number> {
  const { vms, containers, guestConfigs, storages, details, tasks, logLines, discoveryRuns, stateSnapshots } =
    repositories;
  const { declarationRevisions, operations, planEvents, plans } = repositories;
  const guest = ({ name, tags }: { name: string | null; tags: string[] }) => ({
    name: compared('name', name),
    tags: compared('tags', tags),
  });
  return (
    (await walk(vms, 'id', guest)) +
    (await walk(containers, 'id', guest)) +
    (await walk(guestConfigs, ['type', 'id'], ({ config, pending }) => ({
      config: compared('config', config),
      pending: compared('pending', pending),
    }))) +
    (await walk(storages, 'id', ({ options, path }) => ({
      options: compared('options', options),
      path: compared('path', path),
    }))) +
    (await walk(details, ['topic', 'source', 'subject'], ({ data }) => ({ data: compared('', data) }))) +
    (await walk(tasks, 'upid', ({ exitStatus }) => ({ exitStatus: mask('status', exitStatus) }))) +
    (await walk(logLines, 'id', ({ message }) => ({ message: mask('message', message) }))) +
    (await walk(discoveryRuns, 'id', ({ unseen, warnings, error }) => ({
      unseen: mask('unseen', unseen),
      warnings: mask('warnings', warnings),
      error: mask('error', error),
    }))) +
    (await walk(declarationRevisions, 'number', ({ why, content }) => ({
      why: mask('why', why),
      content: mask('', content),
    }))) +
    (await walk(plans, 'id', ({ request, steps }) => ({
      request: mask('', request),
      steps: mask('', steps),
    }))) +
    (await walk(operations, 'id', ({ sent, wanted, outcome, taskEnd, standings, why }) => ({
      sent: mask('', sent),
      wanted: mask('', wanted),
      outcome: mask('', outcome),
      taskEnd: mask('', taskEnd),
      standings: mask('', standings),
      why: mask('why', why),
    }))) +
    (await walk(planEvents, 'id', ({ facts }) => ({ facts: mask('', facts) }))) +
    (await walk(stateSnapshots, 'id', ({ name, state, fields }) => ({
      name: mask('name', name),
      state: compared('', state),
      fields: fields.map(({ path, from, to }) => ({ path, from: mask(path, from), to: mask(path, to) })),
    })))
  );
}

async function walk<E extends object, Id, New extends Partial<E>>(
  repository: Repository<E, Id, New>,
  key: (keyof E & string) | readonly (keyof E & string)[],
  masked: (row: E) => { [field in keyof E]?: unknown },
): Promise<number> {
  let written = 0;
  for (let after: E | undefined; ; ) {
    const rows = await repository.findMany({ limit: BATCH, after });
    for (const row of rows) {
      const next = Object.entries(masked(row)).filter(
        ([field, value]) => JSON.stringify(value) !== JSON.stringify(row[field as keyof E]),
      );
      if (next.length === 0) continue;
      const id =
        typeof key === 'string'
          ? row[key]
          : Object.fromEntries((key as readonly string[]).map(one => [one, row[one as keyof E]]));
      await repository.update(id as Id, Object.fromEntries(next) as Partial<E>);
      written++;
    }
    if (rows.length < BATCH) return written;
    after = rows.at(-1);
  }
}
