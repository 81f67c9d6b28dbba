import { UsageError } from '../../src/errors.ts';
import type { Row } from '../../src/mcp/define-output.ts';
import type { ToolContext } from '../../src/mcp/define-tool.ts';
import type { GuestType } from '../../src/model/resource.ts';
import { formatTime } from '../../src/state/moment.ts';
import { guestRow } from './guest-rows.ts';
import { offlineNodes } from './offline-nodes.ts';
import { stateValue } from './text.ts';

/** All the store knows of one guest. @throws UsageError where it knows none of that number. */
export async function guestFacts(
  type: GuestType,
  vmid: string,
  { store, timeZone }: ToolContext,
): Promise<Row> {
  const id = /^\d{1,9}$/.test(vmid) ? Number(vmid) : Number.NaN;
  const guest = Number.isNaN(id) ? null : await store.guest(type, id);
  if (guest === null)
    throw new UsageError(`There is no ${type} ${vmid.slice(0, 40)}.`, {
      hint: `list_${type}s shows those there are.`,
    });
  const [config] = await store.configs([{ type, id }]);
  const time = (at: number | null) => (at === null ? null : formatTime(at, timeZone));
  const snapshots = Object.entries(config?.snapshots ?? {}).map(([name, at]) => ({
    name,
    created_at: time(at),
  }));
  return {
    resource: `${type}/${id}`,
    ...guestRow(guest, await offlineNodes(store), true),
    started_at: time(guest.startedAt),
    last_seen: time(guest.lastSeen),
    unseen_reason: guest.unseenReason,
    config: config === undefined ? null : stateValue('config', config.config),
    pending:
      config === undefined || Object.keys(config.pending).length === 0
        ? null
        : stateValue('pending', config.pending),
    snapshots: snapshots.length === 0 ? null : snapshots,
    config_as_of: time(guest.configSeen),
  };
}
