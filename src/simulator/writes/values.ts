import { splitProperty } from '../property-string.ts';
import type { ClusterState } from '../state.ts';
import type { ConfigValue, Guest } from '../types.ts';
import { driveKey, mountKey, storedDrive } from './disks.ts';

/** A value as stored by PVE, which may differ from the one sent. Creates a volume if the value requests it. */
export function storedValue(state: ClusterState, guest: Guest, key: string, value: ConfigValue): ConfigValue {
  const vm = guest.type === 'qemu';
  if (key === 'tags') return storedTags(value);
  if (/^net\d+$/.test(key)) return vm ? vmCard(state, key, value) : containerCard(state, value);
  if (vm && driveKey.test(key)) return storedDrive(state, guest, key, value);
  if (!vm && mountKey.test(key)) return storedDrive(state, guest, key, value);
  // Hashed with a new salt each time: the same password gives another value.
  if (key === 'cipassword') return `$5$${state.random.hex(16)}`;
  if (!vm && key === 'description') return `${value}\n`;
  return value;
}

function storedTags(value: ConfigValue): string {
  const tags = String(value)
    .toLowerCase()
    .split(/[;, ]+/);
  return [...new Set(tags.filter(tag => tag !== ''))].sort().join(';');
}

/** `virtio=MAC,` and the other parts by name; a card without a MAC address gets a new one. */
function vmCard(state: ClusterState, key: string, value: ConfigValue): string {
  const { model, macaddr, ...parts } = splitProperty(key, value)!;
  const bare = Object.keys(parts).find(name => parts[name] === '');
  if (bare !== undefined) delete parts[bare];
  return [`${model ?? bare ?? 'virtio'}=${macaddr ?? state.random.mac()}`, ...sorted(parts)].join(',');
}

function containerCard(state: ClusterState, value: ConfigValue): string {
  const { name, ...parts } = splitProperty('net0', value)!;
  const full = { hwaddr: state.random.mac(), type: 'veth', ...parts };
  return [`name=${name}`, ...sorted(full)].join(',');
}

function sorted(parts: Record<string, string>): string[] {
  return Object.keys(parts)
    .sort()
    .map(name => `${name}=${parts[name]}`);
}

/** The bridge of a network card, or undefined. */
export function bridgeOf(value: ConfigValue | undefined): string | undefined {
  return /(?:^|,)bridge=([^,]+)/.exec(String(value ?? ''))?.[1];
}
