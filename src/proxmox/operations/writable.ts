import type { GuestType } from '../../model/resource.ts';
import type { WriteKind } from '../../model/writing.ts';

/** A configuration key that may be written. */
export interface WritableKey {
  kind: WriteKind;
  /** The only value it may be set to. */
  only?: string;
  /** May never be deleted. */
  kept?: true;
  /** May be set only where it exists, with all its parts. */
  whole?: true;
}

const cpu = { kind: 'cpu' } as const;
const memory = { kind: 'memory' } as const;
const options = { kind: 'options' } as const;
/** Protection is never switched off, nor is its key removed. */
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

/** A VM's `startup` is missing: it needs Sys.Modify on `/`, too much for a token that writes. */
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

/** Network cards are changed, never added or removed; Proxmox would give a card sent without a MAC a new one. */
const CARD: WritableKey = { kind: 'network', kept: true, whole: true };

/** How a configuration key may be written; undefined if it never may. */
export function writableKey(type: GuestType, key: string): WritableKey | undefined {
  if (/^net(?:\d|[12]\d|3[01])$/.test(key)) return CARD;
  return Object.hasOwn(KEYS[type], key) ? KEYS[type][key] : undefined;
}
