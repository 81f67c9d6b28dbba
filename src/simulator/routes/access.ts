import { roles } from '../privileges.ts';
import type { Route } from '../route.ts';

/** Version, accounts and rights. */
export const accessRoutes: Route[] = [
  {
    path: '/version',
    answer: ({ entry }) => ({
      version: entry.version,
      release: entry.version.replace(/\.\d+$/, ''),
      repoid: '14a22df3e1a2b3c4',
    }),
  },
  {
    path: '/access/permissions',
    query: { path: {}, userid: {} },
    answer: ({ query, account, state }) => {
      const rights = (query.userid === undefined ? account : state.access.get(query.userid))?.rights;
      const paths = query.path === undefined ? (rights?.paths() ?? []) : [query.path];
      return Object.fromEntries(paths.map(path => [path, Object.fromEntries(rights?.on(path) ?? [])]));
    },
  },
  {
    path: '/access/roles',
    answer: () =>
      Object.entries(roles).map(([roleid, privs]) => ({ roleid, privs: privs.join(','), special: 1 })),
  },
  {
    path: '/access/acl',
    answer: ({ account, state }) => {
      if (!account.rights.has('/access', 'Sys.Audit', 'Permissions.Modify')) return [];
      return state.access.all().flatMap(({ id, acl }) =>
        acl.map(entry => ({
          path: entry.path,
          propagate: entry.propagate === false ? 0 : 1,
          roleid: entry.role ?? 'Custom',
          type: id.includes('!') ? 'token' : 'user',
          ugid: id,
        })),
      );
    },
  },
  {
    path: '/access/users',
    query: { enabled: { type: 'boolean' }, full: { type: 'boolean' } },
    answer: ({ account, state }) => {
      const all = account.rights.has('/access/groups', 'User.Modify', 'Sys.Audit');
      const ids = new Set(state.access.all().map(({ id }) => id.split('!')[0]!));
      return [...ids]
        .filter(id => all || id === account.id.split('!')[0])
        .map(userid => ({ userid, enable: 1, expire: 0, 'realm-type': userid.split('@')[1] }));
    },
  },
];
