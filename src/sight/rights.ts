/** A token's rights as `/access/permissions` lists them: privileges by path; 1 means that they also hold below it. */
export type Held = { [path: string]: { [privilege: string]: unknown } };

/** What a token may do at each path. */
export interface Rights {
  /** Whether it holds one of these privileges there. */
  may(path: string, ...privileges: string[]): boolean;
  /** Whether it holds one of them there and on every path below. */
  everywhere(path: string, ...privileges: string[]): boolean;
  /** What a separate query found for this path; undefined if there was none. */
  exactly(path: string): boolean | undefined;
}

/**
 * Implements Proxmox's own rule (pveum(1), "Permission Management"): the nearest listed path decides, and propagating privileges
 * also hold below it. A path without any privilege is not listed, even where it revokes privileges of its parent; `exact` holds
 * what separate queries found for such paths.
 */
export function rightsOf(held: Held, exact: ReadonlyMap<string, boolean>): Rights {
  const holds = (path: string, privilege: string): boolean => {
    for (let at = path; ; at = parentOf(at)) {
      const entry = held[at];
      if (entry !== undefined) {
        if (at === path) return privilege in entry;
        return Number(entry[privilege] ?? 0) === 1;
      }
      if (at === '/') return false;
    }
  };
  const whole = [...exact.values()].every(seen => seen);
  return {
    may: (path, ...privileges) => privileges.some(privilege => holds(path, privilege)),
    everywhere: (path, ...privileges) =>
      whole &&
      privileges.some(privilege => Number(entryAt(held, path)?.[privilege] ?? 0) === 1) &&
      Object.entries(held).every(
        ([at, entry]) => !at.startsWith(`${path}/`) || privileges.some(privilege => privilege in entry),
      ),
    exactly: path => exact.get(path),
  };
}

function entryAt(held: Held, path: string): Held[string] | undefined {
  return held[path] ?? (path === '/' ? undefined : entryAt(held, parentOf(path)));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
