import type { GuestType } from '../resource.ts';
import { CONTAINER_KEYS } from './container-keys.ts';
import { volume } from './devices.ts';
import { type ConfigKey, type Definition, flag, number, numbers, props, text } from './value.ts';
import { VM_KEYS } from './vm-keys.ts';

const BOTH: Readonly<Record<string, Definition>> = {
  cpulimit: number(0, 'cores'),
  cpuunits: number(100),
  description: text(),
  hookscript: text(),
  memory: number(512, 'MiB'),
  nameserver: text(),
  onboot: flag(0),
  protection: flag(0),
  searchdomain: text(),
  startup: props(numbers('order', 'up', 'down'), 'order'),
  'unused*': volume(),
};

/**
 * Every key of a guest's configuration by type of guest, with `*` for a device's number: kinds, units and defaults are those of
 * the schemas of qemu-server and pve-container 9; CPU weights are those of cgroup v2. `name`, `hostname`, `tags`, `template` and
 * `lock` are fields of the guest itself.
 */
export const CONFIG_KEYS: Readonly<Record<GuestType, Readonly<Record<string, ConfigKey>>>> = {
  vm: keysOf('vm', VM_KEYS),
  container: keysOf('container', CONTAINER_KEYS),
};

function keysOf(type: GuestType, own: Readonly<Record<string, Definition>>): Record<string, ConfigKey> {
  const all = Object.entries({ ...BOTH, ...own });
  return Object.fromEntries(
    all.map(([key, definition]) => [
      key,
      { ...definition, guests: [type], ...(key.endsWith('*') && { device: true as const }) },
    ]),
  );
}

/** What is known of a key such as `onboot` or `net0`; undefined for a key that this type of guest does not have. */
export function configKey(type: GuestType, key: string): ConfigKey | undefined {
  const known = FOUND[type].get(key);
  if (known !== undefined) return known;
  const keys = CONFIG_KEYS[type];
  const device = key.replace(/\d{1,3}$/, '*');
  const name = Object.hasOwn(keys, key) && !key.endsWith('*') ? key : device !== key ? device : null;
  if (name === null || !Object.hasOwn(keys, name)) return undefined;
  FOUND[type].set(key, keys[name]!);
  return keys[name];
}

/**
 * Keys that were looked up before, by the name used. Bounded by the existing keys, with up to three digits; looked up for every
 * key of ten thousand guests.
 */
const FOUND: Readonly<Record<GuestType, Map<string, ConfigKey>>> = { vm: new Map(), container: new Map() };
