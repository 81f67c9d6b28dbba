import type { Detail } from '../../model/detail.ts';
import type { Reason } from '../../model/reason.ts';
import { formatKey } from '../../model/resource.ts';
import type { Store } from '../../model/store.ts';
import { ourTime } from '../../model/time.ts';
import type { ReadUsage, Timeframe, UsageReading, UsageSubject } from '../../model/usage.ts';
import {
  endpoints,
  type ProxmoxClient,
  ProxmoxError,
  type ProxmoxRun,
  type UsageRow,
} from '../../proxmox/index.ts';
import { failureReason } from '../common/failure-reason.ts';
import { summarise } from './summarise.ts';

/** What the reader works with. */
export interface UsageReaderOptions {
  store: Pick<Store, 'details' | 'saveUsage'>;
  client: ProxmoxClient;
  now: () => number;
}

type Row = Detail<'usage'>;

/** Creates the reader of this process. Its readings are kept in the store, so it answers after a restart as well. */
export function createUsageReader({ store, client, now }: UsageReaderOptions): ReadUsage {
  return async (subjects, { timeframe, maxAgeMs, live }) => {
    const kept = await keptRows(store, subjects, timeframe);
    // Any node can answer about nodes and guests; a node that hangs on a storage must not cost them their answer.
    const runs = { storage: client.run(), other: client.run() };
    const fresh: Row[] = [];
    const readings = await Promise.all(
      subjects.map(async (subject): Promise<UsageReading> => {
        const before = kept(subject);
        const reading = { facts: before?.data ?? null, readAt: before?.observedAt ?? null, fault: null };
        if (!live || (before !== null && isYoung(before, now(), maxAgeMs))) return reading;
        const found = await readOne(
          subject.type === 'storage' ? runs.storage : runs.other,
          subject,
          timeframe,
        );
        if ('fault' in found) return { ...reading, fault: found.fault };
        const facts = summarise(found.rows, subject.type, subject.since);
        const observedAt = ourTime(now());
        if (facts !== null) fresh.push({ ...keyOf(subject, timeframe), data: facts, observedAt });
        return { facts, readAt: observedAt, fault: null };
      }),
    );
    if (fresh.length > 0) await store.saveUsage(fresh);
    return readings;
  };
}

/** The stored readings of these subjects; for a guest only those from after its creation. */
async function keptRows(
  store: Pick<Store, 'details'>,
  subjects: readonly UsageSubject[],
  timeframe: Timeframe,
): Promise<(subject: UsageSubject) => Row | null> {
  const rows = await store.details('usage', [...new Set(subjects.map(subject => formatKey(subject)))]);
  const byKey = new Map(rows.map(row => [`${row.subject} ${row.source}`, row]));
  return subject => {
    const key = keyOf(subject, timeframe);
    const row = byKey.get(`${key.subject} ${key.source}`);
    return row === undefined || row.observedAt < (subject.since ?? 0) ? null : row;
  };
}

function keyOf(subject: UsageSubject, timeframe: Timeframe): Pick<Row, 'topic' | 'subject' | 'source'> {
  const source = subject.perNode ? `${timeframe}@${subject.node}` : timeframe;
  return { topic: 'usage', subject: formatKey(subject), source };
}

/** A reading in the future dates from before our clock was set back, and is not young. */
function isYoung({ observedAt, data }: Row, now: number, maxAgeMs = data.stepMs): boolean {
  const age = now - observedAt;
  return age >= 0 && age < maxAgeMs;
}

async function readOne(
  run: ProxmoxRun,
  { type, id, node }: UsageSubject,
  timeframe: Timeframe,
): Promise<{ rows: UsageRow[] } | { fault: Reason }> {
  const query = { timeframe, cf: 'AVERAGE' };
  const ask = {
    vm: () => run.get(endpoints.usage.qemu, { node, vmid: id }, query),
    container: () => run.get(endpoints.usage.lxc, { node, vmid: id }, query),
    node: () => run.get(endpoints.usage.node, { node: id }, query),
    storage: () => run.get(endpoints.usage.storage, { node, storage: id }, query),
  };
  try {
    return { rows: await ask[type]() };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    return { fault: failureReason(error) };
  }
}
