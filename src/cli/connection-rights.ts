/** One thing found out about a connection. */
export interface Finding {
  level: 'good' | 'doubtful' | 'bad';
  text: string;
  /** What to do about it. */
  next?: string;
}

/** Privileges by path, as /access/permissions has them: held when the key is there. */
export type Held = { [path: string]: { [privilege: string]: unknown } };

interface Need {
  paths: string[];
  anyOf: string[];
  /** What can be seen with it, and what stays unknown without. */
  sees: string;
  without: string;
  role: string;
}

/** What discovery uses. PVEAuditor holds the first three; the others are worth having. */
const NEEDS: Need[] = [
  {
    paths: ['/nodes', '/'],
    anyOf: ['Sys.Audit'],
    sees: 'nodes, cluster state and all tasks',
    without: 'node details, high availability and the tasks of others stay unknown',
    role: 'PVEAuditor',
  },
  {
    paths: ['/vms', '/'],
    anyOf: ['VM.Audit'],
    sees: 'all guests and their configurations',
    without: 'guests without a right of their own are invisible',
    role: 'PVEAuditor',
  },
  {
    paths: ['/storage', '/'],
    anyOf: ['Datastore.Audit', 'Datastore.AllocateSpace'],
    sees: 'all storages',
    without: 'storages without a right of their own are invisible',
    role: 'PVEAuditor',
  },
  {
    paths: ['/'],
    anyOf: ['Sys.Syslog'],
    sees: "the cluster log: who edited a guest's configuration",
    without: 'edits that leave no task have no name to them',
    role: 'a role with Sys.Syslog',
  },
  {
    paths: ['/storage', '/'],
    anyOf: ['Datastore.Allocate', 'Datastore.AllocateSpace'],
    sees: 'the backups on the storages',
    without: 'backups are known from their tasks only',
    role: 'a role with Datastore.AllocateSpace on /storage',
  },
];

/** What a token may and may not see, with the command that changes it. */
export function judgeRights(held: Held, identity: string): Finding[] {
  const who = identity.includes('!') ? `--tokens '${identity}'` : `--users '${identity}'`;
  const grant = (path: string, role: string) => `on a node: pveum acl modify ${path} ${who} --roles ${role}`;
  if (Object.values(held).every(privileges => Object.keys(privileges).length === 0)) {
    const why = identity.includes('!') ? ' (a token with privilege separation has none of its user’s)' : '';
    return [
      {
        level: 'bad',
        text: `may see nothing: ${identity} has no privileges${why}`,
        next: grant('/', 'PVEAuditor'),
      },
    ];
  }
  return NEEDS.map(need => {
    const has = need.paths.some(path => need.anyOf.some(privilege => privilege in (held[path] ?? {})));
    if (has) return { level: 'good', text: `may see ${need.sees}` };
    const builtin = /^\w+$/.test(need.role);
    return {
      level: 'doubtful',
      text: `may not see ${need.sees}: ${need.without} (needs ${need.anyOf[0]})`,
      next: builtin ? grant('/', need.role) : customRole(need, who),
    };
  });
}

function customRole({ paths, anyOf }: Need, who: string): string {
  const privilege = anyOf.at(-1)!;
  const name = `Mpc${privilege.split('.')[1]}`;
  return `on a node: pveum role add ${name} --privs ${privilege}; pveum acl modify ${paths[0]} ${who} --roles ${name}`;
}
