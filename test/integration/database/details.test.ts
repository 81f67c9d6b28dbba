import { expect, it } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import type { Detail } from '../../../src/model/detail.ts';
import { ourTime } from '../../../src/model/time.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aGuest, aNode, startWriting } from '../../support/database-fixtures.ts';
import { garbage } from '../../support/given.ts';

const backup = (subject: string, source: string, count = 1): Detail<'backups'> => ({
  topic: 'backups',
  subject,
  source,
  data: { count, newestAt: 1_700_000_000_000, bytes: 5_000_000_000 },
  observedAt: ourTime(1_700_000_001_000),
});
const addresses = (subject: string): Detail<'addresses'> => ({
  topic: 'addresses',
  subject,
  source: '',
  data: {
    interfaces: [{ name: 'eth0', mac: null, ips: ['10.0.0.1/24'] }],
    reportedAt: null,
    silent: { code: 'refused', error: 'proxmox-server', text: 'no agent' },
  },
  observedAt: ourTime(1),
});

onBothEngines('details', engine => {
  it('a source replaces what it told before and nothing that others told', async () => {
    const store = await openStore(engine.options(await engine.newStore()));
    const { commit } = await startWriting(store);
    await commit(async writer => {
      await writer.replaceDetails('backups', 'nas', [backup('vm/101', 'nas'), backup('vm/102', 'nas')]);
      await writer.replaceDetails('backups', 'local@pve1', [backup('vm/101', 'local@pve1', 3)]);
    });
    await commit(writer => writer.replaceDetails('backups', 'nas', [backup('vm/102', 'nas', 2)]));
    expect(await store.details('backups')).toEqual([
      backup('vm/101', 'local@pve1', 3),
      backup('vm/102', 'nas', 2),
    ]);
    expect(await store.details('backups', ['vm/102'])).toEqual([backup('vm/102', 'nas', 2)]);
    expect(await store.details('backups', [])).toEqual([]);
    await commit(writer => writer.replaceDetails('backups', 'nas', []));
    expect(await store.details('backups', ['vm/102'])).toEqual([]);
    await store.close();
  });

  it('what belongs to a life goes with the guest, its backups stay', async () => {
    const store = await openStore(engine.options(await engine.newStore()));
    const { commit } = await startWriting(store);
    const others = Array.from({ length: 3_000 }, (_, n) => addresses(`vm/${1_000 + n}`));
    await commit(async writer => {
      await writer.upsertDetails([addresses('vm/101'), backup('vm/101', 'nas'), ...others]);
    });
    await commit(writer => writer.forgetGuestDetails(['vm/101', ...others.map(one => one.subject)]));
    expect(await store.details('addresses')).toEqual([]);
    expect(await store.details('backups')).toEqual([backup('vm/101', 'nas')]);
    await commit(writer => writer.forgetGuestDetails([]));
    await store.close();
  });

  it('finds the guests of which no storage tells a backup', async () => {
    const store = await openStore(engine.options(await engine.newStore()));
    const { commit } = await startWriting(store);
    await commit(async writer => {
      await writer.upsertNodes([aNode()]);
      await writer.upsertGuests('vm', [aGuest(101), aGuest(102), aGuest(103)]);
      await writer.upsertDetails([backup('vm/101', 'nas'), backup('container/103', 'nas')]);
    });
    const bare = await store.guests('vm', { withoutBackup: true }, undefined, { limit: 1 });
    expect([bare.total, bare.rows.map(guest => guest.id)]).toEqual([2, [102]]);
    await store.close();
  });

  it('refuses a topic nobody knows', async () => {
    const store = await openStore(engine.options(await engine.newStore()));
    const { commit } = await startWriting(store);
    const wrong = garbage<Detail>({ ...addresses('vm/101'), topic: 'gossip' });
    await expect(commit(writer => writer.upsertDetails([wrong]))).rejects.toThrow('topic');
    await store.close();
  });
});
