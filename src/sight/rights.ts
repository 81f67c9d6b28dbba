/** What a token holds, as `/access/permissions` lists it: privileges by path; 1 says that they hold below as well. */
export type Held = { [path: string]: { [privilege: string]: unknown } };

/** What a token may do at paths. */
export interface Rights {
  /** It holds one of these privileges there. */
  may(path: string, ...privileges: string[]): boolean;
  /** It holds one of them there and everywhere below. */
  everywhere(path: string, ...privileges: string[]): boolean;
  /** What was found out about a single path; undefined where nothing had to be. */
  told(path: string): boolean | undefined;
}

/**
 * Proxmox's own rule (pveum(1), "Permission Management"): the nearest path that is listed decides, and what is held above
 * holds below where it propagates. Paths without any right are not listed, though they take away what is held above:
 * `exact` has what was found out about single ones.
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
    told: path => exact.get(path),
  };
}

function entryAt(held: Held, path: string): Held[string] | undefined {
  return held[path] ?? (path === '/' ? undefined : entryAt(held, parentOf(path)));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
