import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectedConfig } from '../config.ts';
import { MpcError } from '../errors.ts';
import type { Opened } from '../mcp/runner/tool-runner.ts';
import { listOf, NOTE_AT_MOST, parseNote, recordOf } from '../model/note.ts';
import { GUEST_TYPES } from '../model/resource.ts';
import { isObject } from '../model/state.ts';
import type { StoreReader } from '../model/store.ts';
import { endpoints, type ProxmoxClient, parseToken } from '../proxmox/index.ts';
import { sightedReader } from '../sight/reader.ts';
import type { Held } from '../sight/rights.ts';
import { type Sight, sightOf } from '../sight/sight.ts';

/** How often rights are read again (ms), so that a withdrawn right is not used for long. */
const READ_EVERY_MS = 60_000;
/** How long an answer waits for rights if older ones are known (ms), so that a slow cluster delays nobody. */
const WAIT_MS = 1_000;

/** Makes a function that narrows opened parts to what the token may see, by its present rights. */
export function createOnlyMine(
  { credentials }: Pick<ConnectedConfig, 'credentials'>,
  client: ProxmoxClient,
  now: () => number,
): (opened: Opened) => Promise<Opened> {
  const id = 'token' in credentials ? parseToken(credentials.token).id : credentials.username;
  const note = `sight of ${id}`;
  const owner = id.replace(/!.*/, '');
  const asSight = ({ held, exact }: ReportedRights) => sightOf(held, owner, new Map(exact));
  let known: { at: number; sight: Sight } | null = null;
  let reading: { since: number; sight: Promise<Sight> } | null = null;

  const readAnew = async (store: Opened['store']): Promise<Sight> => {
    const reported = await readReported(client, store);
    const text = JSON.stringify(reported);
    if (text.length <= NOTE_AT_MOST && text !== (await store.note(note))) await store.saveNote(note, text);
    const sight = asSight(reported);
    known = { at: now(), sight };
    return sight;
  };
  const read = async (store: Opened['store']): Promise<Sight> => {
    if (known !== null && Math.abs(now() - known.at) < READ_EVERY_MS) return known.sight;
    if (reading === null) {
      const sight = readAnew(store).finally(() => {
        reading = null;
      });
      sight.catch(() => {});
      reading = { since: performance.now(), sight };
    }
    const { since, sight } = reading;
    const kept = known?.sight ?? (await keptIn(store));
    if (kept === null) return sight.catch(unknownSight);
    const left = Math.max(0, WAIT_MS - (performance.now() - since));
    return Promise.race([sight.catch(() => kept), delay(left, kept, { ref: false })]);
  };
  const keptIn = async (store: Opened['store']): Promise<Sight | null> => {
    const reported = parseNote(await store.note(note), isReported);
    return reported && asSight(reported);
  };

  return async opened => {
    const sight = await read(opened.store);
    if (sight.all) return opened;
    return {
      ...opened,
      store: narrowed(opened.store, sight),
      hidden: { parts: sight.hides, hides: key => !sight.named(key) },
    };
  };
}

function unknownSight(cause: unknown): never {
  throw new MpcError('sight-unknown', 'What this token may see is not known, as Proxmox cannot be asked.', {
    hint: 'Ask again when the cluster answers; PROXMOX_MPC_ONLY_MINE=false shows all that the store holds.',
    cause,
  });
}

/** A token's rights as Proxmox reports them: by path, and for certain paths whether it may look there. */
interface ReportedRights {
  held: Held;
  exact: [path: string, seen: boolean][];
}

function isReported(value: unknown): value is ReportedRights {
  return isObject(value) && isHeld(value.held) && areExact(value.exact);
}

const isHeld = recordOf(isObject);
const areExact = listOf(
  (value): value is [string, boolean] =>
    Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'boolean',
);

/**
 * Reads the rights, and asks about each node, guest and storage for which the rules and the token's own listing disagree: a path
 * that takes rights away is not in any list of rights.
 */
async function readReported(client: ProxmoxClient, store: StoreReader): Promise<ReportedRights> {
  const run = client.run();
  const [held, rows, storages, nodes, pools, ...guests] = await Promise.all([
    run.get(endpoints.access.permissions) as Promise<Held>,
    run.get(endpoints.cluster.resources),
    store.storages(),
    store.nodes(),
    store.details('pool'),
    ...GUEST_TYPES.map(type => store.guests(type)),
  ]);
  const listed = new Set(
    rows.map(row =>
      row.vmid !== undefined
        ? `/vms/${row.vmid}`
        : row.type === 'pool'
          ? `/pool/${row.pool}`
          : `/storage/${row.storage}`,
    ),
  );
  const rule = sightOf(held, '');
  const asked = [
    ...nodes.map(({ id }) => ({ path: `/nodes/${id}`, privileges: ['Sys.Audit'], may: rule.node(id) })),
    ...pools.map(({ subject: id }) => ({
      path: `/pool/${id}`,
      privileges: ['Pool.Audit'],
      may: rule.pool(id),
    })),
    ...storages.map(({ id }) => ({
      path: `/storage/${id}`,
      privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'],
      may: rule.storage(id),
    })),
    ...guests.flatMap(({ rows: some }) =>
      some.map(({ id }) => ({ path: `/vms/${id}`, privileges: ['VM.Audit'], may: rule.guest(id) })),
    ),
  ].filter(({ path, may }) => may !== listed.has(path));
  const exact = asked.map(async ({ path, privileges, may }): Promise<[string, boolean]> => {
    // Whatever is listed may be seen, by whatever right.
    if (!may) return [path, true];
    const there = ((await run.get(endpoints.access.permissions, {}, { path })) as Held)[path] ?? {};
    return [path, privileges.some(privilege => privilege in there)];
  });
  return { held, exact: await Promise.all(exact) };
}

/** The store with narrowed reads; its writes are unchanged. */
function narrowed(store: Opened['store'], sight: Sight): Opened['store'] {
  const reader = sightedReader(store, sight);
  return new Proxy(store, {
    get: (target, name) => {
      if (Object.hasOwn(reader, name)) return reader[name as keyof StoreReader];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
