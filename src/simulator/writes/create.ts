import { splitProperty } from '../property-string.ts';
import type { ApiRequest } from '../route.ts';
import type { Guest, GuestType } from '../types.ts';
import { bareGuest } from '../world/census.ts';
import { containerKeys } from './ct-keys.ts';
import { driveKey, isCdrom } from './disks.ts';
import { readEdit } from './keys.ts';
import { storedValue } from './values.ts';
import { vmKeys } from './vm-keys.ts';

/** A stopped guest as described by the parameters of its creation, with what PVE adds by itself. */
export function createdGuest(request: ApiRequest, type: GuestType, vmid: number): Guest {
  const { state, path, body } = request;
  const guest = bareGuest(state, { vmid, type, node: path.node!, config: {} });
  const asked = { ...body };
  if (type === 'lxc') asked.rootfs ??= 'local:8';
  const { set } = readEdit(type === 'qemu' ? vmKeys : containerKeys, asked);
  for (const [key, value] of Object.entries(set)) guest.config[key] = storedValue(state, guest, key, value);
  if (type === 'lxc') {
    guest.config = { arch: 'amd64', ostype: 'debian', memory: 512, swap: 512, ...guest.config };
    return guest;
  }
  const { config } = guest;
  config.smbios1 = `uuid=${splitProperty('smbios1', config.smbios1 ?? '')?.uuid ?? state.random.uuid()}`;
  config.vmgenid ??= state.random.uuid();
  config.meta = `creation-qemu=10.0.13,ctime=${state.nodeSeconds(guest.node)}`;
  const devices = Object.keys(config).filter(key => driveKey.test(key) && !isCdrom(config[key]));
  const cards = Object.keys(config).filter(key => /^net\d+$/.test(key));
  config.boot ??= `order=${[...devices, ...cards].join(';')}`;
  return guest;
}
