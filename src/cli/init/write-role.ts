import { KIND_PRIVILEGES, TOO_MUCH_TO_WRITE, type WriteKind, type WriteScope } from '../../model/writing.ts';
import { grantCommands, type Held } from '../token-levels.ts';

/** The token that the commands create if there is none yet. */
export const WRITE_TOKEN = 'mcp@pve!write';

const ROLE = 'MpcWrite';
const BRIDGES = { role: 'MpcBridges', privileges: 'SDN.Use', path: '/sdn/zones' };

/** The privileges on a guest that these kinds need, in order, each once. */
export function privilegesOf(kinds: readonly WriteKind[]): string[] {
  return [...new Set(kinds.map(kind => KIND_PRIVILEGES[kind]))];
}

/**
 * The commands that create a token that may do just this, and its role. If writing is limited to a pool, so is the token; Proxmox
 * has no rights by tag.
 */
export function writeTokenCommands(
  identity: string,
  { kinds, only, exists }: { kinds: readonly WriteKind[]; only: WriteScope | null; exists: boolean },
): string[] {
  const [user, name] = identity.split('!') as [string, string];
  const path = only !== null && 'pool' in only ? `/pool/${only.pool}` : '/vms';
  const make = [
    `pveum user add ${user} --comment proxmox-mpc  # unless it is there`,
    `pveum user token add ${user} ${name} --privsep 1`,
  ];
  const grant = (role: string, privileges: string, on: string) =>
    grantCommands({ role, privileges }, identity, on);
  return [
    ...(exists ? [] : make),
    ...grant(ROLE, privilegesOf(kinds).join(','), path),
    ...(kinds.includes('network') ? grant(BRIDGES.role, BRIDGES.privileges, BRIDGES.path) : []),
  ];
}

/** The kinds that these privileges allow, on all guests or on those of one pool. */
export function kindsAllowed(kinds: readonly WriteKind[], only: WriteScope | null, held: Held): WriteKind[] {
  const paths = ['/vms', '/', ...(only !== null && 'pool' in only ? [`/pool/${only.pool}`] : [])];
  return kinds.filter(kind => paths.some(path => KIND_PRIVILEGES[kind] in (held[path] ?? {})));
}

/** Whether a network card can be put on any bridge at all; which one depends on the bridge. */
export function mayUseBridges(held: Held): boolean {
  return Object.keys(held).some(path => /^\/(?:sdn(?:\/|$)|$)/.test(path) && 'SDN.Use' in held[path]!);
}

/** Powerful privileges of a token that none of our writes needs. */
export function tooMuch(held: Held): string[] {
  const all = new Set(Object.values(held).flatMap(privileges => Object.keys(privileges)));
  return TOO_MUCH_TO_WRITE.filter(privilege => all.has(privilege));
}
