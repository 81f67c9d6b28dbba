import { roles } from './privileges.ts';

/** A line of the access control list: a role or bare privileges on a path, inherited below by default. */
export interface AclEntry {
  path: string;
  /** A role of PVE's, e.g. `PVEAuditor`. */
  role?: string;
  /** Instead of a role. */
  privs?: readonly string[];
  /** Inherited by paths below; true unless set. */
  propagate?: boolean;
}

/** Privileges on a path, each with whether it propagates; presence alone means that it is held. */
export type Privileges = ReadonlyMap<string, 0 | 1>;

const none: Privileges = new Map();

/** What a user or token may do by PVE's path rules: the entry nearest to a path decides, and pools add to it. */
export class Rights {
  readonly #acl = new Map<string, Privileges>();
  readonly #inherited = new Map<string, Privileges>();
  readonly #poolOf: (vmid: number) => string | undefined;

  constructor(acl: readonly AclEntry[], poolOf: (vmid: number) => string | undefined) {
    this.#poolOf = poolOf;
    for (const entry of acl) {
      const privileges = new Map(this.#acl.get(entry.path));
      const value = entry.propagate === false ? 0 : 1;
      for (const privilege of entry.privs ?? roles[entry.role ?? 'NoAccess'] ?? [])
        privileges.set(privilege, value);
      this.#acl.set(entry.path, privileges);
    }
  }

  /** Whether one of the privileges is held on the path. */
  has(path: string, ...anyOf: string[]): boolean {
    const own = this.#acl.get(path) ?? this.#inheritedBy(path);
    if (anyOf.some(privilege => own.has(privilege))) return true;
    const pool = this.#poolOfPath(path);
    return pool !== undefined && this.has(`/pool/${pool}`, ...anyOf);
  }

  /** All privileges on a path. */
  on(path: string): Privileges {
    const own = this.#acl.get(path) ?? this.#inheritedBy(path);
    const pool = this.#poolOfPath(path);
    if (pool === undefined) return own;
    const fromPool = this.on(`/pool/${pool}`);
    if (own.size === 0) return fromPool;
    return fromPool.size === 0 ? own : new Map([...fromPool, ...own]);
  }

  /** The paths listed in `/access/permissions`: PVE's fixed roots and every path of the access control list. */
  paths(): string[] {
    const fixed = [
      '/',
      '/access',
      '/access/groups',
      '/mapping',
      '/nodes',
      '/pool',
      '/sdn',
      '/storage',
      '/vms',
    ];
    return [...new Set([...fixed, ...this.#acl.keys()])].filter(path => this.on(path).size > 0);
  }

  #poolOfPath(path: string): string | undefined {
    return path.startsWith('/vms/') ? this.#poolOf(Number(path.slice(5))) : undefined;
  }

  #inheritedBy(path: string): Privileges {
    if (path === '/' || path === '') return none;
    const parent = path.slice(0, path.lastIndexOf('/')) || '/';
    let inherited = this.#inherited.get(parent);
    if (inherited === undefined) {
      const own = this.#acl.get(parent);
      inherited =
        own === undefined ? this.#inheritedBy(parent) : new Map([...own].filter(([, value]) => value === 1));
      this.#inherited.set(parent, inherited);
    }
    return inherited;
  }
}

/** A token or user that may sign in. */
export interface Account {
  /** `user@realm!token`, or `user@realm` for a user with a password. */
  id: string;
  /** The token's secret or the user's password. */
  secret: string;
  acl: readonly AclEntry[];
  rights: Rights;
  /** The user needs this one-time code as a second factor. */
  totp?: string;
}

/** All accounts of the simulated cluster. Rights may change while it runs. */
export class Access {
  readonly #accounts = new Map<string, Account>();
  readonly #poolOf: (vmid: number) => string | undefined;

  constructor(poolOf: (vmid: number) => string | undefined) {
    this.#poolOf = poolOf;
  }

  /** Adds or replaces an account. */
  set(account: { id: string; secret: string; acl: readonly AclEntry[]; totp?: string }): void {
    this.#accounts.set(account.id, { ...account, rights: new Rights(account.acl, this.#poolOf) });
  }

  remove(id: string): void {
    this.#accounts.delete(id);
  }

  get(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  all(): Account[] {
    return [...this.#accounts.values()];
  }
}
