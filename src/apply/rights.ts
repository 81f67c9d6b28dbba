import { TOO_MUCH_TO_WRITE } from '../model/writing.ts';
import { endpoints, type ProxmoxReader } from '../proxmox/index.ts';
import { type NeededRight, type Operation, rightsFor } from '../proxmox/operations/index.ts';

/** A right that a token lacks. */
export interface LackingRight extends NeededRight {
  /** Whose: may be shown. */
  identity: string;
  who: 'read' | 'write';
}

/** One of our tokens, and how it is asked what it may do. */
export interface Token {
  identity: string;
  reader: Pick<ProxmoxReader, 'get'>;
}

/** Tells which rights of both tokens are lacking for operations; what Proxmox said is believed for five minutes. */
export interface Rights {
  /** @throws a ProxmoxError where it does not tell */
  lacking(operations: readonly Operation[]): Promise<LackingRight[]>;
}

const BELIEVED_MS = 300_000;

/**
 * Asks Proxmox by path, since it lists only some paths on its own and a narrower entry takes away what a wider one gives. What is
 * written is read again with the token that reads, which must see the guest, and tasks of others on its node.
 */
export function createRights({
  read,
  write,
  now,
}: {
  read: Token;
  write: Token;
  /** In ms; only spans are taken of it. */
  now: () => number;
}): Rights {
  const held = new Map<string, { at: number; privileges: Promise<ReadonlySet<string>> }>();
  const heldOn = (who: 'read' | 'write', path: string) => {
    const key = `${who} ${path}`;
    const known = held.get(key);
    if (known !== undefined && Math.abs(now() - known.at) < BELIEVED_MS) return known.privileges;
    const privileges = privilegesOn((who === 'read' ? read : write).reader, path);
    held.set(key, { at: now(), privileges });
    privileges.catch(() => held.delete(key));
    return privileges;
  };
  return {
    lacking: async operations => {
      const lacking: LackingRight[] = [];
      for (const { who, path, privilege } of neededFor(operations)) {
        if ((await heldOn(who, path)).has(privilege)) continue;
        lacking.push({ who, path, privilege, identity: (who === 'read' ? read : write).identity });
      }
      return lacking;
    },
  };
}

interface Needed extends NeededRight {
  who: 'read' | 'write';
}

function neededFor(operations: readonly Operation[]): Needed[] {
  const all = operations.flatMap((operation): Needed[] => {
    const { guest } = operation;
    const reading = { who: 'read', path: `/vms/${guest.vmid}`, privilege: 'VM.Audit' } as const;
    const tasks = { who: 'read', path: `/nodes/${guest.node}`, privilege: 'Sys.Audit' } as const;
    return [...rightsFor(operation).map(right => ({ who: 'write' as const, ...right })), reading, tasks];
  });
  return [...new Map(all.map(one => [`${one.who} ${one.path} ${one.privilege}`, one])).values()];
}

async function privilegesOn(reader: Token['reader'], path: string): Promise<ReadonlySet<string>> {
  const answer = await reader.get(endpoints.access.permissions, {}, { path });
  // Held when the key is there: its value only says whether it is handed on.
  return new Set(Object.keys(answer[path] ?? {}));
}

/**
 * What a token may do that none of our writes needs, such as `VM.Allocate on /vms`: a token with it can destroy guests, or
 * make itself
 * others. @throws a ProxmoxError where Proxmox does not tell
 */
export async function needlessRights({ reader }: Pick<Token, 'reader'>): Promise<string[]> {
  const held = await reader.get(endpoints.access.permissions);
  return TOO_MUCH_TO_WRITE.flatMap(privilege => {
    const paths = Object.keys(held).filter(path => privilege in held[path]!);
    const [first] = paths.sort((a, b) => a.length - b.length);
    return first === undefined ? [] : [`${privilege} on ${first}`];
  });
}
