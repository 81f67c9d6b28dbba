import { type Device, devicesOf } from '../../health/devices.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { GuestConfigEntity, GuestEntity } from '../../model/entity.ts';
import { formatKey, GUEST_TYPES, guestKey } from '../../model/resource.ts';
import type { GuestConfig } from '../../model/state.ts';
import { clusterText } from '../format/text.ts';
import { loadStorages } from '../storage/load.ts';
import { listed } from './listed.ts';

/*
 * What depends on what: the storages of a guest, the template of a clone, the clones of a template, the guests on a storage.
 */

type Store = ToolContext['store'];

/** What a guest depends on, and what depends on it. */
export async function guestBelongings(
  guest: GuestEntity,
  stored: GuestConfigEntity | undefined,
  { store }: Pick<ToolContext, 'store'>,
): Promise<Row> {
  if (stored === undefined) return {};
  const devices = devicesOf(stored.config);
  const [storages, clones, rules] = await Promise.all([
    storagesUnder(guest, devices, store),
    guest.template ? clonesOf(guest.id, store) : [],
    rulesOf(guestKey(guest), store),
  ]);
  const base = [...new Set(devices.flatMap(device => baseOf(device.volume) ?? []))].filter(
    id => id !== guest.id,
  );
  return {
    stands_on: storages.length > 0 ? storages : null,
    clone_of: base.length > 0 ? await Promise.all(base.map(id => keyOfVmid(id, store))) : null,
    ...(clones.length > 0 && listed('linked_clones', clones)),
    ha_rules: rules.length > 0 ? rules : null,
  };
}

/** The VMID of the template on whose image a linked clone's volume is based: `base-103-disk-0/vm-110-disk-0`. */
export function baseOf(volume: string): number | null {
  const [, id] = /(?:^|[:/])(?:base|basevol)-(\d+)-[^/]+\/(?:\d+\/)?(?:vm|subvol)-\d+-/.exec(volume) ?? [];
  return id === undefined ? null : Number(id);
}

/** Guests with an image based on one of this template's. */
async function clonesOf(id: number, store: Store): Promise<string[]> {
  const lists = await Promise.all(
    GUEST_TYPES.map(type =>
      store.configsHolding(type, json => json.includes(`base-${id}-`) || json.includes(`basevol-${id}-`)),
    ),
  );
  return lists
    .flat()
    .filter(one => one.id !== id && devicesOf(one.config).some(device => baseOf(device.volume) === id))
    .map(guestKey);
}

async function keyOfVmid(id: number, store: Store): Promise<string> {
  for (const type of GUEST_TYPES)
    if ((await store.guest(type, id)) !== null) return formatKey({ type, id: String(id) });
  return `${id} (gone)`;
}

/** The storages of its volumes, each with its status on the guest's node. */
async function storagesUnder(guest: GuestEntity, devices: Device[], store: Store): Promise<Row[]> {
  const [usable, all] = await Promise.all([loadStorages(store, { node: guest.nodeId }), store.storages()]);
  const defined = new Set(all.map(storage => storage.id));
  const under = Map.groupBy(
    devices.filter(device => device.storage !== null),
    device => device.storage!,
  );
  return [...under].map(([name, theirs]) => ({
    storage: clusterText(name, 80),
    status:
      usable.find(fact => fact.storage === name)?.status ??
      (defined.has(name) ? 'not on this node' : 'not defined, or not to be seen'),
    devices: theirs.map(device => device.key),
  }));
}

/** Rules of high availability that name it. */
async function rulesOf(key: string, store: Store): Promise<string[]> {
  return (await store.details('ha_rule'))
    .filter(({ data }) => data.enabled && data.guests.includes(key))
    .map(({ subject, data }) =>
      clusterText([subject, data.type, data.affinity, ...data.nodes].filter(Boolean).join(' '), 120),
    );
}

/** The guests with volumes on a storage, and the backup jobs that store there. */
export async function storageBelongings(id: string, store: Store): Promise<Row> {
  const [configs, jobs] = await Promise.all([
    Promise.all(GUEST_TYPES.map(type => store.configsHolding(type, json => json.includes(`"${id}:`)))),
    store.details('backup_job'),
  ]);
  const guests = configs
    .flat()
    .map(one => ({
      key: guestKey(one),
      devices: volumesOn(id, one.config),
    }))
    .filter(({ devices }) => devices.length > 0)
    .map(({ key, devices }) => `${key} (${devices.join(', ')})`);
  const storing = jobs
    .filter(({ data }) => data.storage === id)
    .map(({ subject, data }) =>
      clusterText(
        [subject, data.schedule, data.enabled ? null : '(disabled)'].filter(Boolean).join(' '),
        120,
      ),
    );
  return {
    ...(guests.length > 0 && listed('used_by', guests)),
    backup_jobs: storing.length > 0 ? storing : null,
  };
}

function volumesOn(id: string, config: GuestConfig): string[] {
  return devicesOf(config)
    .filter(device => device.storage === id)
    .map(device => device.key);
}
