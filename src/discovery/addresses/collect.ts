import type { AddressFacts, Detail } from '../../model/detail.ts';
import type { GuestEntity } from '../../model/entity.ts';
import { readFlag } from '../../model/flag.ts';
import { guestKey } from '../../model/resource.ts';
import { ourTime, toClusterTime } from '../../model/time.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { age } from '../common/clock.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import type { AddressesObserved } from './decide.ts';
import { readAddresses } from './read.ts';

/** Most guests asked in one run; the rest are asked in later runs. */
const ASKED_AT_MOST = 200;
/** Guests whose configurations are loaded together to see which have an agent configured. */
const BATCH = 1_000;
/** Guests asked at once. Between batches we check which nodes have hanging guests. */
const ASKED_TOGETHER = 8;
/** Once this many guests of a node have hung, its other guests wait for the next run: each would cost a full timeout. */
const HUNG_AT_MOST = 3;

/**
 * Asks running guests for their addresses: those named in the request, those never asked or started since, and the oldest beyond
 * the maximum age; at most 200 in one run unless it reads deep.
 */
export async function collectAddresses(scope: DiscoveryScope, ground: Ground): Promise<AddressesObserved> {
  const { limits, request, store } = scope;
  const { inventory } = ground;
  const known = await knownAddresses(scope);
  const eligible = await guestsThatTell(scope, ground, [...ground.guests.values()]);
  const isDue = (guest: GuestEntity) => {
    const former = known.get(guestKey(guest));
    return (
      request.deep ||
      former === undefined ||
      (guest.startedAt ?? 0) > toClusterTime(former.observedAt, scope.clockOffset()) ||
      age(former.observedAt, inventory.observedAt) > limits.configMaxAge
    );
  };
  const due = eligible
    .filter(isDue)
    .sort((a, b) => (known.get(guestKey(a))?.observedAt ?? 0) - (known.get(guestKey(b))?.observedAt ?? 0));
  const reported = await ask(scope, request.deep ? due : due.slice(0, ASKED_AT_MOST), known);
  return {
    reported,
    known: [...known.values()],
    eligible: eligible.map(guestKey),
    listedAt: inventory.observedAt,
    lastLook: (await store.lastCommit('addresses'))?.observedAt ?? ourTime(0),
  };
}

/** Asks only the guests named in the request; null where none of them can report addresses. */
export async function collectNamedAddresses(
  scope: DiscoveryScope,
  ground: Ground,
): Promise<AddressesObserved | null> {
  const named = [...scope.request.guests].flatMap(key => ground.guests.get(key) ?? []);
  const asked = await guestsThatTell(scope, ground, named);
  if (asked.length === 0) return null;
  const reported = await ask(scope, asked, await knownAddresses(scope, asked.map(guestKey)));
  const lastLook = (await scope.store.lastCommit('addresses'))?.observedAt ?? ourTime(0);
  return { reported, known: [], eligible: null, listedAt: ground.inventory.observedAt, lastLook };
}

async function knownAddresses(
  { store }: DiscoveryScope,
  subjects?: string[],
): Promise<Map<string, Detail<'addresses'>>> {
  const rows = await store.details('addresses', subjects);
  return new Map(rows.map(row => [row.subject, row]));
}

/** The running guests that can report addresses, on nodes that answer: containers, and VMs with an agent configured. */
async function guestsThatTell(
  { store, api }: DiscoveryScope,
  { inventory }: Ground,
  guests: GuestEntity[],
): Promise<GuestEntity[]> {
  const silent = api.silentNodes();
  const running = guests.filter(
    guest =>
      guest.status === 'running' &&
      guest.unseenReason === null &&
      inventory.online.has(guest.nodeId) &&
      !silent.has(guest.nodeId),
  );
  const able = running.filter(guest => guest.type === 'container');
  const vms = running.filter(guest => guest.type === 'vm');
  for (let start = 0; start < vms.length; start += BATCH) {
    const batch = vms.slice(start, start + BATCH);
    const configs = await store.configs(batch);
    const withAgent = new Set(
      configs.filter(({ config }) => agentEnabled(config['agent'])).map(one => one.id),
    );
    able.push(...batch.filter(guest => withAgent.has(guest.id)));
  }
  return able;
}

/** `agent: 1,fstrim_cloned_disks=1`. */
function agentEnabled(agent: unknown): boolean {
  const enabled =
    typeof agent === 'object' && agent !== null ? (agent as { enabled?: unknown }).enabled : agent;
  return readFlag(enabled) ?? false;
}

async function ask(
  scope: DiscoveryScope,
  guests: GuestEntity[],
  known: Map<string, Detail<'addresses'>>,
): Promise<Detail<'addresses'>[]> {
  const hung = new Map<string, number>();
  const askOne = async (guest: GuestEntity): Promise<Detail<'addresses'> | null> => {
    const subject = guestKey(guest);
    if ((hung.get(guest.nodeId) ?? 0) >= HUNG_AT_MOST) return null;
    try {
      const former: AddressFacts | null = known.get(subject)?.data ?? null;
      const data = await readAddresses(scope.api, guest, former, scope.now);
      return { topic: 'addresses', subject, source: '', data, observedAt: scope.now() };
    } catch (error) {
      if (!(error instanceof ProxmoxError)) throw error;
      if (error.kind === 'timeout') hung.set(guest.nodeId, (hung.get(guest.nodeId) ?? 0) + 1);
      return null;
    }
  };
  const reported: Detail<'addresses'>[] = [];
  for (let start = 0; start < guests.length; start += ASKED_TOGETHER) {
    scope.feed.expect(Math.max(0, guests.length - start - ASKED_TOGETHER));
    const rows = await Promise.all(guests.slice(start, start + ASKED_TOGETHER).map(askOne));
    reported.push(...rows.filter(row => row !== null));
  }
  return reported;
}
