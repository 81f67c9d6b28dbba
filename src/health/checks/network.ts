import { isRunning } from '../capacity.ts';
import type { Check } from '../check.ts';
import { partOf } from '../devices.ts';
import type { GuestHealth } from '../facts.ts';
import { shortList } from '../words.ts';

/** Two guests with the same MAC address, such as an original and its restored copy. */
export const macTwice: Check = {
  name: 'mac-twice',
  severity: 'warning',
  reason:
    'Two machines with one MAC address in one network take each other\u2019s traffic: both seem to fail now and then. A guest restored beside its original, or copied by hand, has it.',
  evidence: 'MAC address, bridge and VLAN of the network cards of both.',
  next: 'remove the MAC address of the copy: Proxmox makes a new one',
  reads: 'configs',
  *find({ guests }) {
    const cards = guests.flatMap(guest => (guest.template ? [] : cardsOf(guest)));
    for (const alike of Map.groupBy(cards, card => card.place).values()) {
      const owners = new Set(alike.map(card => card.guest));
      if (owners.size < 2) continue;
      const up = [...owners].filter(isRunning).length;
      for (const { guest, key, mac } of alike) {
        const others = [...owners].filter(one => one !== guest).map(one => one.key);
        yield {
          resource: guest.key,
          what: `${key} has the MAC address of ${shortList(others)} (${mac}) on the same bridge`,
          evidence: { mac, guests: [guest.key, ...others].slice(0, 20) },
          // Harmless as long as only one of them runs.
          severity: up > 1 ? undefined : 'info',
          since: { field: `config.${key}` },
        };
      }
    }
  },
};

interface Card {
  guest: GuestHealth;
  key: string;
  mac: string;
  /** Where it would meet another card with this address. */
  place: string;
}

function cardsOf(guest: GuestHealth): Card[] {
  return Object.entries(guest.config ?? {}).flatMap(([key, value]) => {
    const mac = partOf(value, 'macaddr') ?? partOf(value, 'hwaddr');
    if (!/^net\d+$/.test(key) || typeof mac !== 'string') return [];
    const [bridge, tag] = ['bridge', 'tag'].map(part => String(partOf(value, part) ?? ''));
    return [{ guest, key, mac, place: `${mac.toUpperCase()} ${bridge} ${tag}` }];
  });
}
