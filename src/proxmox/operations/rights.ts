import type { GuestType } from '../../model/resource.ts';
import { KIND_PRIVILEGES, type WriteKind } from '../../model/writing.ts';
import type { Operation } from './operation.ts';
import { writableKey } from './writable.ts';

/** A privilege that a write needs on a path of the access control list. */
export interface NeededRight {
  path: string;
  privilege: string;
}

/** The kinds of change in an operation; none for taking back pending values, which any right to configure allows. */
export function kindsOf(operation: Operation): WriteKind[] {
  if (operation.kind === 'revert') return [];
  if (operation.kind !== 'config') return [operation.kind];
  const keys = [...Object.keys(operation.set), ...operation.remove];
  const kinds = keys.flatMap(key => writableKey(operation.guest.type, key)?.kind ?? []);
  return [...new Set(kinds)];
}

/**
 * All rights a token needs for an operation, found on PVE 9.2 by granting what each refusal asked for. A network card also needs
 * the right to use the bridge it will have.
 */
export function rightsFor(operation: Operation): NeededRight[] {
  const path = `/vms/${operation.guest.vmid}`;
  if (operation.kind !== 'config')
    return kindsOf(operation).map(kind => ({ path, privilege: KIND_PRIVILEGES[kind] }));
  const { guest, set, remove } = operation;
  const privileges = [...Object.keys(set), ...remove].flatMap(key => privilegeOf(guest.type, key) ?? []);
  return [
    ...[...new Set(privileges)].map(privilege => ({ path, privilege })),
    ...bridgesIn(set).map(bridge => ({ path: `/sdn/zones/localnetwork/${bridge}`, privilege: 'SDN.Use' })),
  ];
}

function privilegeOf(type: GuestType, key: string): string | undefined {
  // Proxmox counts a container's name among its network settings.
  if (key === 'hostname') return KIND_PRIVILEGES.network;
  const kind = writableKey(type, key)?.kind;
  return kind && KIND_PRIVILEGES[kind];
}

function bridgesIn(set: { readonly [key: string]: string }): string[] {
  const bridges = Object.entries(set).flatMap(([key, value]) =>
    key.startsWith('net') ? (/(?:^|,)bridge=([^,]+)/.exec(value)?.[1] ?? []) : [],
  );
  return [...new Set(bridges)];
}
