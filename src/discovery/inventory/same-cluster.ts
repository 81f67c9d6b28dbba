import { normaliseConfig } from '../../history/normalise.ts';
import type { Resemblance } from '../../model/adoption.ts';
import type { ClusterEntity, GuestConfigEntity, GuestEntity, NodeEntity } from '../../model/entity.ts';
import type { InventoryObservation } from '../../model/observation.ts';
import { guestKey } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';
import { cardsOf, isOtherLife, lifeOf, sharesCard } from '../common/identity.ts';

/** Guests asked for their identity: enough to tell clusters apart, and few enough to repeat in each refused run. */
const ASKED_AT_MOST = 12;
/** How many VMs must prove to be the same; fewer only if fewer exist. */
const PROOFS = 3;

const NOBODY: Resemblance['identities'] = { asked: 0, same: 0, other: 0 };

/** What a store knows of its cluster. */
export interface KnownCluster {
  stored: ClusterEntity;
  nodes: Iterable<NodeEntity>;
  guests: ReadonlyMap<string, GuestEntity>;
  /** The stored configurations of these guests. */
  configs(of: GuestEntity[]): Promise<Pick<GuestConfigEntity, 'type' | 'id' | 'config'>[]>;
}

/**
 * Compares what a store knows with what an API shows, where name or root certificate differ. Names, nodes and VMIDs are alike in
 * many clusters; only the identities of VMs are proof or, where there are no VMs, containers with their known names and network
 * card addresses.
 */
export async function compareClusters(
  api: Api,
  { stored, nodes, guests, configs }: KnownCluster,
  inventory: InventoryObservation,
): Promise<Resemblance> {
  const living = [...nodes].filter(node => !node.removed);
  const named = new Set(inventory.nodes.map(node => node.id));
  const listed = [...guests.values()].filter(guest => inventory.listed.has(guestKey(guest)));
  // A node that stands alone gives its store its own name, which changes when it joins a cluster or is renamed.
  const stoodAlone = living.length === 1 && living[0]!.id === stored.name;
  const otherName = ![null, stored.name].includes(inventory.clusterName) && !stoodAlone;
  const identities = otherName ? NOBODY : await askIdentities(api, listed, inventory, configs);
  const facts = {
    nodes: { known: living.length, found: living.filter(node => named.has(node.id)).length },
    guests: { known: guests.size, found: listed.length },
    identities,
  };
  return { ...facts, ...verdictOf(facts, otherName) };
}

function verdictOf(
  { nodes, guests, identities: { asked, same, other } }: Omit<Resemblance, 'verdict' | 'reason'>,
  otherName: boolean,
): Pick<Resemblance, 'verdict' | 'reason'> {
  const is = (verdict: Resemblance['verdict'], reason: Resemblance['reason']) => ({ verdict, reason });
  if (otherName) return is('other', 'other-name');
  if (other > 0 && other >= same) return is('other', 'other-vms');
  const renamed = nodes.found === 0;
  if (renamed && nodes.known > 1) return is('other', 'no-node-same');
  if (same === 0) return is('unsure', 'no-vm-proves');
  if (other > 0) return is('unsure', 'other-vms');
  if (same < Math.min(PROOFS, asked) || same * 2 < asked) return is('unsure', 'few-vms-answered');
  if (nodes.found * 2 < nodes.known && !renamed) return is('unsure', 'few-nodes-same');
  if (guests.found * 2 < guests.known) return is('unsure', 'few-guests-there');
  return is('same', 'vms-same');
}

/** Asks a spread sample of these VMs, or of containers where there is no VM, whether they are the known ones. */
async function askIdentities(
  api: Api,
  guests: GuestEntity[],
  inventory: InventoryObservation,
  configs: KnownCluster['configs'],
): Promise<Resemblance['identities']> {
  const there = guests.filter(guest => inventory.online.has(nodeOf(guest, inventory)));
  const vms = some(there.filter(guest => guest.identity !== null));
  const asked = vms.length > 0 ? vms : some(there.filter(guest => guest.type === 'container'));
  const kept = new Map(vms.length > 0 ? [] : (await configs(asked)).map(one => [guestKey(one), one.config]));
  const answers = await Promise.all(
    asked.map(guest => {
      const node = nodeOf(guest, inventory);
      return guest.type === 'vm'
        ? answerOf(api, guest, node)
        : containerAnswer(api, guest, node, kept.get(guestKey(guest)) ?? {});
    }),
  );
  return {
    asked: asked.length,
    same: answers.filter(answer => answer === 'same').length,
    other: answers.filter(answer => answer === 'other').length,
  };
}

function some(guests: GuestEntity[]): GuestEntity[] {
  const step = Math.max(1, Math.ceil(guests.length / ASKED_AT_MOST));
  return guests.filter((_, n) => n % step === 0);
}

/** A container without a network card proves nothing; one with another name may have been renamed. */
async function containerAnswer(
  api: Api,
  guest: GuestEntity,
  node: string,
  known: JsonObject,
): Promise<'same' | 'other' | null> {
  if (cardsOf(known).length === 0) return null;
  try {
    const raw = await api.get(endpoints.lxc.config, { node, vmid: guest.id });
    const seen = normaliseConfig(raw);
    if (cardsOf(seen).length === 0) return null;
    if (!sharesCard(known, seen)) return 'other';
    return raw['hostname'] === guest.name ? 'same' : null;
  } catch (error) {
    if (error instanceof ProxmoxError) return null;
    throw error;
  }
}

function nodeOf(guest: GuestEntity, inventory: InventoryObservation): string {
  return inventory.listed.get(guestKey(guest))!.node;
}

async function answerOf(api: Api, guest: GuestEntity, node: string): Promise<'same' | 'other' | null> {
  try {
    const config = await api.get(endpoints.qemu.config, { node, vmid: guest.id });
    const seen = uuidsOf(lifeOf(config));
    if (seen === null) return null;
    // A template's creation time is shared by its clones, so it does not count.
    return isOtherLife(uuidsOf(guest.identity), seen) ? 'other' : 'same';
  } catch (error) {
    if (error instanceof ProxmoxError) return null;
    throw error;
  }
}

function uuidsOf(identity: string | null): string | null {
  const uuids = (identity ?? '').split(' ').filter(part => part !== '' && !part.startsWith('ctime='));
  return uuids.length === 0 ? null : uuids.join(' ');
}
