import { beforeAll, expect, it } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import { migrateStore, rollbackStore } from '../../../src/database/maintenance/index.ts';
import { withConnection as withPostgres } from '../../../src/database/postgresql/connection.ts';
import { withConnection } from '../../../src/database/sqlite/connection.ts';
import type { GuestEntity } from '../../../src/model/entity.ts';
import type { Reason } from '../../../src/model/reason.ts';
import { reasonText } from '../../../src/model/reason-text.ts';
import { ourTime } from '../../../src/model/time.ts';
import type { Unseen, UnseenPart } from '../../../src/model/unseen.ts';
import { unseenText } from '../../../src/model/unseen-text.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aGuest, aNode, aStorage, startWriting } from '../../support/database-fixtures.ts';

/** One of each, with names and words that SQL or JSON could stumble over. */
const EACH: { [code in Reason['code']]: (Reason & { code: code })[] } = {
  'node-not-online': [{ code: 'node-not-online', node: 'pve1' }],
  'node-not-member': [{ code: 'node-not-member', node: 'pve-2' }],
  'node-without-status': [{ code: 'node-without-status', node: 'node' }],
  'tasks-unread': [{ code: 'tasks-unread', node: 'a' }],
  'no-quorum': [{ code: 'no-quorum' }],
  'quorum-unknown': [{ code: 'quorum-unknown' }],
  'status-contradicted': [{ code: 'status-contradicted' }],
  'row-partly-unread': [{ code: 'row-partly-unread' }],
  'row-unread': [{ code: 'row-unread' }],
  'definition-partly-unread': [{ code: 'definition-partly-unread' }],
  'not-listed': [{ code: 'not-listed' }],
  'listing-short': [{ code: 'listing-short' }],
  'listing-short-of': [
    { code: 'listing-short-of', what: 'guest' },
    { code: 'listing-short-of', what: 'storage' },
  ],
  'moved-unlisted': [{ code: 'moved-unlisted' }],
  'no-right': [{ code: 'no-right' }],
  'not-asked-yet': [{ code: 'not-asked-yet' }],
  'no-node-to-ask': [
    { code: 'no-node-to-ask', of: 'storage' },
    { code: 'no-node-to-ask', of: 'backups' },
  ],
  'gone-while-read': [{ code: 'gone-while-read' }],
  'change-unconfirmed': [{ code: 'change-unconfirmed' }],
  // Only ever made of what is stored, never stored.
  'storage-not-reported': [],
  'not-all-backups-seen': [],
  'jobs-not-readable': [],
  'own-tasks-only': [],
  'records-partly-unread': [],
  failed: [{ code: 'failed', error: 'proxmox-server', text: `GET /nodes/a failed: 500 it's "so" \\ 50 % ü` }],
  refused: [{ code: 'refused', error: 'proxmox-server', text: 'QEMU guest agent is not running' }],
  other: [{ code: 'other', text: `node ${'x'.repeat(9_000)}` }],
};
const REASONS: Reason[] = Object.values(EACH).flat();
/** As the version before these codes worded it. */
const wordedThen = (reason: Reason): string =>
  reason.code === 'no-right' ? 'the token may no longer see it' : reasonText(reason);
/** What an older version kept of it, read again: of an error and of Proxmox's words nothing but the words. */
const again = (reason: Reason): Reason =>
  reason.code === 'failed' || reason.code === 'refused' ? { code: 'other', text: reason.text } : reason;

/** What a run writes down that it could not see, each part once, and words that look like a key and are none. */
const EACH_PART: { [code in UnseenPart['code']]: (UnseenPart & { code: code })[] } = {
  resource: [{ code: 'resource', resource: 'vm/101' }],
  config: [
    { code: 'config', resource: 'container/200' },
    { code: 'config', count: 3 },
  ],
  pending: [
    { code: 'pending', resource: 'vm/101' },
    { code: 'pending', count: 2 },
  ],
  snapshots: [
    { code: 'snapshots', resource: 'vm/101' },
    { code: 'snapshots', count: 1000 },
  ],
  guests: [{ code: 'guests', count: 40, node: 'pve-3' }],
  'new-guests': [{ code: 'new-guests', count: 2 }],
  storages: [{ code: 'storages', count: 2 }],
  tasks: [{ code: 'tasks', node: 'pve1' }],
  version: [{ code: 'version', node: 'pve1' }],
  replication: [{ code: 'replication', node: 'pve1' }],
  'changed-guests': [{ code: 'changed-guests', node: 'pve1' }],
  'storage-views': [{ code: 'storage-views', node: 'pve1' }],
  'backups-on': [{ code: 'backups-on', source: 'local@pve1' }],
  quorum: [{ code: 'quorum' }],
  votes: [{ code: 'votes' }],
  'storage-definitions': [{ code: 'storage-definitions' }],
  'backup-jobs': [{ code: 'backup-jobs' }],
  pools: [{ code: 'pools' }],
  ha: [{ code: 'ha' }],
  'ha-rules': [{ code: 'ha-rules' }],
  'ha-status': [{ code: 'ha-status' }],
  'datacenter-options': [{ code: 'datacenter-options' }],
  // Only ever part of an answer, never stored.
  usage: [],
  backups: [],
  locks: [],
  hidden: [],
  other: [{ code: 'other', text: `a/b "so" it's ü` }],
};
const PARTS: UnseenPart[] = Object.values(EACH_PART).flat();
/** What words of an older version are read as. */
const partAgain = (what: UnseenPart): UnseenPart =>
  what.code === 'resource' ? what : { code: 'other', text: unseenText(what) };

onBothEngines('reasons', engine => {
  let url: string;
  const query = (sql: string): Promise<Record<string, unknown>[]> =>
    engine.name === 'sqlite'
      ? withConnection(
          url.slice('file:'.length),
          connection => connection.prepare(sql).all() as Record<string, unknown>[],
        )
      : withPostgres(url, async connection => (await connection.query(sql)).rows);
  const words = async (sql: string) => (await query(sql)).map(row => row['words']);
  const parsed = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
  const unseen = [
    ...REASONS.map((reason): Pick<Unseen, 'what' | 'reason'> => ({ what: { code: 'quorum' }, reason })),
    ...PARTS.map((what): Pick<Unseen, 'what' | 'reason'> => ({ what, reason: { code: 'no-quorum' } })),
  ].map((one, n): Unseen => ({ ...one, since: ourTime(n), resources: [] }));
  const read = async () => {
    const store = await openStore(engine.options(url));
    const [guests, containers, nodes, storages, [run], addresses] = await Promise.all([
      store.guests('vm'),
      store.guests('container'),
      store.nodes(),
      store.storages(),
      store.runs([1]),
      store.details('addresses'),
    ]);
    await store.close();
    const of = (rows: Pick<GuestEntity, 'unseenReason'>[]) => rows.map(row => row.unseenReason);
    return {
      vms: of(guests.rows),
      others: [...of(containers.rows), ...of(nodes), ...of(storages)],
      unseen: run!.unseen,
      silent: addresses.map(row => row.data.silent),
      reportedAt: addresses.map(row => row.data.reportedAt),
    };
  };
  const addresses = (subject: string, silent: Reason | null) => ({
    topic: 'addresses' as const,
    subject,
    source: '',
    data: { interfaces: [], reportedAt: 7, silent },
    observedAt: ourTime(1),
  });

  beforeAll(async () => {
    url = await engine.newUrl();
    const store = await openStore(engine.options(url));
    const { commit, runId } = await startWriting(store);
    await commit(async writer => {
      await writer.upsertNodes([aNode('pve1', { unseenReason: { code: 'not-listed' } })]);
      const vms = REASONS.map((unseenReason, n) => aGuest(100 + n, { unseenReason }));
      await writer.upsertGuests('vm', [...vms, aGuest(999)]);
      const reason = { code: 'node-not-online', node: 'pve1' } as const;
      await writer.upsertGuests('container', [aGuest(200, { type: 'container', unseenReason: reason })]);
      await writer.upsertStorages([aStorage('local', { unseenReason: { code: 'no-right' } })]);
      await writer.upsertDetails([addresses('vm/100', EACH.refused[0]!), addresses('vm/101', null)]);
    });
    const [run] = await store.runs([runId]);
    await store.finishRun({ ...run!, status: 'completed', finishedAt: 2, unseen });
    await store.close();
  });

  const others = [{ code: 'node-not-online', node: 'pve1' }, { code: 'not-listed' }, { code: 'no-right' }];

  it('are read as they were written', async () => {
    expect(await read()).toEqual({
      vms: [...REASONS, null],
      others,
      unseen,
      silent: [EACH.refused[0], null],
      reportedAt: [7, 7],
    });
  });

  it('become the words that older versions wrote, and of those again reasons', async () => {
    // Back to before: other migrations may have come since.
    for (;;) if ((await rollbackStore(engine.options(url))).migration.endsWith('_reasons')) break;
    const texts = REASONS.map(wordedThen);
    expect(await words('SELECT unseen_reason AS words FROM vms ORDER BY id')).toEqual([...texts, null]);
    expect(await words('SELECT unseen_reason AS words FROM storage')).toEqual([
      'the token may no longer see it',
    ]);
    const [kept] = await words('SELECT unseen AS words FROM discovery_runs WHERE id = 1');
    expect(parsed(kept)).toEqual(
      unseen.map(one => ({ ...one, what: unseenText(one.what), reason: wordedThen(one.reason) })),
    );
    const details = await words('SELECT data AS words FROM details ORDER BY subject');
    expect(details.map(parsed)).toEqual([
      { interfaces: [], toldAt: 7, silent: 'QEMU guest agent is not running' },
      { interfaces: [], toldAt: 7, silent: null },
    ]);

    await migrateStore(engine.options(url));
    expect(await read()).toEqual({
      vms: [...REASONS.map(again), null],
      others,
      unseen: unseen.map(one => ({ ...one, what: partAgain(one.what), reason: again(one.reason) })),
      silent: [{ code: 'other', text: 'QEMU guest agent is not running' }, null],
      reportedAt: [7, 7],
    });
  });

  it('in the words of the first versions are known, too', async () => {
    for (;;) if ((await rollbackStore(engine.options(url))).migration.endsWith('_reasons')) break;
    await query(`UPDATE vms SET unseen_reason = 'node pve1 is not online' WHERE id = 100 RETURNING id`);
    await query(`UPDATE vms SET unseen_reason = 'moved or so' WHERE id = 101 RETURNING id`);
    await migrateStore(engine.options(url));
    expect((await read()).vms.slice(0, 2)).toEqual([
      { code: 'node-not-online', node: 'pve1' },
      { code: 'other', text: 'moved or so' },
    ]);
  });
});
