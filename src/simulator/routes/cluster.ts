import { badParameters } from '../api-error.ts';
import { tagsOf } from '../guest-facts.ts';
import type { Route } from '../route.ts';

const sysAudit = { on: '/', privileges: ['Sys.Audit'] };

/** The cluster as a whole. */
export const clusterRoutes: Route[] = [
  {
    path: '/cluster/status',
    check: sysAudit,
    answer: ({ state, entry }) => {
      const rows: Record<string, unknown>[] = [...state.nodes.values()].map(node => ({
        id: `node/${node.name}`,
        type: 'node',
        name: node.name,
        nodeid: node.id,
        ip: node.ip,
        level: '',
        local: node === entry ? 1 : 0,
        online: state.sees(entry, node) ? 1 : 0,
      }));
      if (state.clusterName === null) return rows;
      const cluster = {
        id: 'cluster',
        type: 'cluster',
        name: state.clusterName,
        nodes: rows.length,
        version: rows.length,
      };
      return [{ ...cluster, quorate: state.quorate() ? 1 : 0 }, ...rows];
    },
  },
  {
    path: '/cluster/log',
    query: { max: { type: 'integer', minimum: 1 } },
    ordered: true,
    answer: ({ state, account, query }) => {
      // Without Sys.Syslog on / users see only lines about their own actions.
      const user = account.rights.has('/', 'Sys.Syslog') ? undefined : account.id;
      return state.log
        .newest(Number(query.max ?? 50), user)
        .map(line => ({ ...line, uid: String(line.uid), id: `${line.uid}:${line.node}` }));
    },
  },
  {
    // Without the right to audit the cluster, only the console and tags are visible (PVE::API2::Cluster).
    path: '/cluster/options',
    answer: ({ state, account }) => {
      const tags = new Set<string>();
      for (const guest of state.guests.values()) for (const tag of tagsOf(guest)) tags.add(tag);
      const audits = account.rights.has('/', 'Sys.Audit');
      const listed = Object.entries(state.options).filter(
        ([name]) => audits || name === 'console' || name === 'tag-style',
      );
      return { ...Object.fromEntries(listed), 'allowed-tags': [...tags].sort() };
    },
  },
  {
    path: '/cluster/config/nodes',
    check: sysAudit,
    answer: ({ state }) =>
      [...state.nodes.values()].map(({ name, id, ip }) => ({
        name,
        node: name,
        nodeid: String(id),
        quorum_votes: '1',
        ring0_addr: ip,
      })),
  },
  { path: '/cluster/config/qdevice', check: sysAudit, answer: ({ state }) => state.qdevice },
  {
    path: '/cluster/nextid',
    query: { vmid: { type: 'integer', minimum: 100, maximum: 999_999_999 } },
    answer: ({ state, query }) => {
      if (query.vmid !== undefined) {
        if (state.guests.has(Number(query.vmid)) && state.hears(Number(query.vmid)))
          throw badParameters({ vmid: `VM ${query.vmid} already exists` });
        return query.vmid;
      }
      let vmid = 100;
      while (state.guests.has(vmid)) vmid++;
      return String(vmid);
    },
  },
  {
    path: '/cluster/replication',
    answer: ({ state, account }) =>
      state.replicationJobs
        .filter(job => account.rights.has(`/vms/${job.guest}`, 'VM.Audit'))
        .map(job => ({ ...job, source: state.guests.get(job.guest)?.node })),
  },
];
