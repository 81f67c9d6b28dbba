/** Privileges by path, as /access/permissions has them: held if the key is present. */
export type Held = { [path: string]: { [privilege: string]: unknown } };

/** One thing that a token may be allowed to see. */
export interface Sight {
  /** All of these are needed, each through one of its privileges on one of its paths. */
  needs: { paths: string[]; anyOf: string[] }[];
  sees: string;
  /** What remains unknown without it. */
  without: string;
}

/** A level of what a token may see; each builds on the one before. */
export interface Level {
  title: string;
  role: string;
  /** If the role is not one of PVE's own. */
  privileges?: string;
  /** What the person who grants it should know. */
  note?: string;
  sights: Sight[];
}

const everywhere = (path: string, ...anyOf: string[]) => ({ paths: [path, '/'], anyOf });

/** The three levels, from what every token should have to what is worth having. */
export const LEVELS: readonly [Level, Level, Level] = [
  {
    title: 'State and history',
    role: 'PVEAuditor',
    sights: [
      {
        needs: [everywhere('/nodes', 'Sys.Audit')],
        sees: 'nodes, cluster state and all tasks',
        without: 'node details, high availability and the tasks of others stay unknown',
      },
      {
        needs: [everywhere('/vms', 'VM.Audit')],
        sees: 'all guests and their configurations',
        without: 'guests without a right of their own are invisible',
      },
      {
        needs: [everywhere('/storage', 'Datastore.Audit', 'Datastore.AllocateSpace')],
        sees: 'all storages',
        without: 'storages without a right of their own are invisible',
      },
    ],
  },
  {
    title: 'Who edited a configuration by hand',
    role: 'MpcLog',
    privileges: 'Sys.Syslog',
    sights: [
      {
        needs: [{ paths: ['/'], anyOf: ['Sys.Syslog'] }],
        sees: "the cluster log: who edited a guest's configuration",
        without: 'edits that leave no task have no name to them',
      },
    ],
  },
  {
    title: 'The backups on the storages',
    role: 'MpcBackups',
    privileges: 'Datastore.AllocateSpace,VM.Backup',
    note: 'Proxmox lets nobody see backups who may not also make them. Without this level they are known from their tasks.',
    sights: [
      {
        needs: [everywhere('/storage', 'Datastore.AllocateSpace'), everywhere('/vms', 'VM.Backup')],
        sees: 'the backups on the storages',
        without: 'backups are known from their tasks only',
      },
    ],
  },
];

/** Whether these privileges are enough for it. */
export function shows({ needs }: Sight, held: Held): boolean {
  return needs.every(({ paths, anyOf }) =>
    paths.some(path => anyOf.some(privilege => privilege in (held[path] ?? {}))),
  );
}

/** Whether everything in a level can be seen. */
export function reaches(level: Level, held: Held): boolean {
  return level.sights.every(sight => shows(sight, held));
}

/** Privileges that no level asks for and that allow more than looking. */
export function needlessPrivileges(held: Held): string[] {
  const asked = new Set(LEVELS.flatMap(level => level.privileges?.split(',') ?? []));
  const all = new Set(Object.values(held).flatMap(privileges => Object.keys(privileges)));
  return [...all].filter(privilege => !privilege.endsWith('.Audit') && !asked.has(privilege)).sort();
}

/** The commands that grant a role on a path to a token and its user, or to a user. A token has at most its user's rights. */
export function grantCommands(
  { role, privileges }: Pick<Level, 'role' | 'privileges'>,
  identity: string,
  path = '/',
): string[] {
  const [user] = identity.split('!') as [string];
  const token = identity.includes('!') ? ` --tokens ${quoted(identity)}` : '';
  // root needs no entry, only its tokens do.
  const users = user === 'root@pam' && token !== '' ? '' : ` --users ${quoted(user)}`;
  return [
    ...(privileges === undefined ? [] : [`pveum role add ${role} --privs ${privileges}`]),
    `pveum acl modify ${path}${users}${token} --roles ${role}`,
  ];
}

/** The commands that create a user and a token without any rights yet. */
export function tokenCommands(identity: string): string[] {
  const [user, name] = identity.split('!') as [string, string];
  return [
    `pveum user add ${quoted(user)} --comment proxmox-mpc`,
    `pveum user token add ${quoted(user)} ${name} --privsep 1`,
  ];
}

/** A shell would take the `!` in a token for a history expansion. */
function quoted(word: string): string {
  return /^[\w@.-]+$/.test(word) ? word : `'${word}'`;
}
