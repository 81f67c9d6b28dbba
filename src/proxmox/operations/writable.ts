import type { GuestType } from '../../model/resource.ts';
import type { WriteKind } from '../../model/writing.ts';

/** One configuration key that may be written. */
export interface WritableKey {
  kind: WriteKind;
  /** The only text it may be set to. */
  only?: string;
  /** May never be deleted. */
  kept?: true;
  /** May be set only where it exists, with all its parts. */
  whole?: true;
}

const cpu = { kind: 'cpu' } as const;
const memory = { kind: 'memory' } as const;
const options = { kind: 'options' } as const;
/** Switching protection off is never ours to do, nor is taking the key away. */
const protection = { kind: 'options', only: '1', kept: true } as const;

const SHARED: { readonly [key: string]: WritableKey } = {
  tags: { kind: 'tags' },
  description: { kind: 'notes' },
  onboot: options,
  protection,
  cores: cpu,
  cpulimit: cpu,
  cpuunits: cpu,
};

/** A VM's `startup` needs Sys.Modify on `/`: too much for a token that writes. */
const KEYS: { readonly [type in GuestType]: { readonly [key: string]: WritableKey } } = {
  vm: {
    ...SHARED,
    name: { kind: 'options', kept: true },
    agent: options,
    sockets: cpu,
    vcpus: cpu,
    cpu,
    numa: cpu,
    memory,
    balloon: memory,
    shares: memory,
  },
  container: {
    ...SHARED,
    hostname: { kind: 'options', kept: true },
    startup: options,
    memory: { kind: 'memory', kept: true },
    swap: { kind: 'memory', kept: true },
  },
};

/** Cards are changed, never added nor taken away; Proxmox invents a MAC for a card that is sent without. */
const CARD: WritableKey = { kind: 'network', kept: true, whole: true };

/** What is known of a configuration key that may be written; undefined for every other, which never is. */
export function writableKey(type: GuestType, key: string): WritableKey | undefined {
  if (/^net(?:\d|[12]\d|3[01])$/.test(key)) return CARD;
  return Object.hasOwn(KEYS[type], key) ? KEYS[type][key] : undefined;
}
