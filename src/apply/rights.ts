import { TOO_MUCH_TO_WRITE } from '../model/writing.ts';
import { endpoints, type ProxmoxReader } from '../proxmox/index.ts';
import { type NeededRight, type Operation, rightsFor } from '../proxmox/operations/index.ts';

/** A right that a token lacks. */
export interface LackingRight extends NeededRight {
  /** Whose right; may be shown. */
  identity: string;
  who: 'read' | 'write';
}

/** One of our tokens, with a reader to ask for its rights. */
export interface Token {
  identity: string;
  reader: Pick<ProxmoxReader, 'get'>;
}

/** Finds rights that either token lacks for operations; Proxmox's answers are cached for five minutes. */
export interface Rights {
  /** @throws ProxmoxError where Proxmox does not answer */
  lacking(operations: readonly Operation[]): Promise<LackingRight[]>;
}

const BELIEVED_MS = 300_000;

/**
 * Asks Proxmox by path, because it lists only some paths by itself, and a narrower entry revokes what a wider one grants.
 * Everything written is read again with the reading token, which has to see the guest, and other users' tasks on its node.
 */
export function createRights({
  read,
  write,
  now,
}: {
  read: Token;
  write: Token;
  /** In ms; used only for durations. */
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
  // The privilege is held if its key is present: the value only says whether it propagates.
  return new Set(Object.keys(answer[path] ?? {}));
}

/**
 * What a token may do beyond the needs of our writes, such as `VM.Allocate on /vms`: such a token can destroy guests, or create
 * further tokens. @throws ProxmoxError where Proxmox does not answer
 */
export async function needlessRights({ reader }: Pick<Token, 'reader'>): Promise<string[]> {
  const held = await reader.get(endpoints.access.permissions);
  return TOO_MUCH_TO_WRITE.flatMap(privilege => {
    const paths = Object.keys(held).filter(path => privilege in held[path]!);
    const [first] = paths.sort((a, b) => a.length - b.length);
    return first === undefined ? [] : [`${privilege} on ${first}`];
  });
}
