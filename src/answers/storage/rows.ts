import type { Row } from '../../mcp/define/output.ts';
import { unconfirmedRow } from '../format/unconfirmed.ts';
import { gib, percent } from '../format/units.ts';
import { unseenFields } from '../in-sight.ts';
import type { StorageFact } from './fact.ts';

/** `available`, `unreachable`, `unreachable from pve2` ... */
export function statusText(
  status: StorageFact['status'] | null,
  { cutOff }: Pick<StorageFact, 'cutOff'>,
): string | null {
  return status === 'unreachable' && cutOff.length > 0 ? `${status} from ${cutOff.join(', ')}` : status;
}

/** A storage's row in a list. Sizes that are not the present ones are in columns named `last_`. */
export function storageRow(storage: StorageFact, timeZone: string): Row {
  const { isSizeCurrent } = storage;
  const sizes = [gib(storage.totalBytes), percent(storage.usedBytes, storage.totalBytes)];
  const [total, used] = isSizeCurrent ? sizes : [null, null];
  const [lastTotal, lastUsed] = isSizeCurrent ? [null, null] : sizes;
  return {
    storage: storage.storage,
    type: storage.type,
    ...(storage.node === null ? storage.shared && { shared: true } : { node: storage.node }),
    status: statusText(storage.status, storage),
    last_status: statusText(storage.lastStatus, storage),
    ...unseenFields(storage.out, timeZone),
    unseen_from: storage.unseenFrom.length > 0 ? storage.unseenFrom : null,
    content: storage.content,
    total_gib: total,
    used_percent: used,
    last_total_gib: lastTotal,
    last_used_percent: lastUsed,
    unconfirmed: unconfirmedRow(storage.unconfirmed, timeZone),
  };
}
