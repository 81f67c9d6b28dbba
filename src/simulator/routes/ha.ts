import { ApiError } from '../api-error.ts';
import { digestOf } from '../digest.ts';
import type { Route } from '../route.ts';
import type { ClusterState } from '../state.ts';
import { rulesInForce } from '../truth-settings.ts';
import type { HaGroup } from '../types.ts';
import { haDigest } from './ha-writes.ts';

const check = { on: '/', privileges: ['Sys.Audit'] };
const typeRule = { type: { enum: ['ct', 'vm'] } };

/** High availability: resources, rules and the manager's status. */
export const haRoutes: Route[] = [
  {
    path: '/cluster/ha/resources',
    check,
    query: typeRule,
    answer: ({ state, query }) => {
      const digest = haDigest(state);
      return [...state.ha.values()]
        .filter(({ sid }) => query.type === undefined || sid.startsWith(`${query.type}:`))
        .map(({ sid, vmid, state: requested, comment, maxRestart }) => ({
          sid,
          type: sid.split(':')[0],
          state: requested,
          comment,
          max_restart: maxRestart,
          group: groupsOf(state).find(({ guests }) => guests.includes(vmid))?.group,
          digest,
        }));
    },
  },
  {
    path: '/cluster/ha/rules',
    check,
    query: { resource: {}, type: { enum: ['node-affinity', 'resource-affinity'] } },
    answer: ({ state, query }) => {
      if (state.haGroups !== undefined) throw noRules();
      const digest = digestOf(rulesInForce(state));
      return rulesInForce(state)
        .filter(rule => query.type === undefined || rule.type === query.type)
        .map((rule, order) => ({ ...rule, order: order + 1, digest }));
    },
  },
  {
    path: '/cluster/ha/rules/{rule}',
    check,
    answer: ({ state, path }) => {
      if (state.haGroups !== undefined) throw noRules();
      const rule = rulesInForce(state).find(one => one.rule === path.rule);
      if (rule === undefined) throw new ApiError(500, `no such ha rule '${path.rule}'`);
      return { ...rule };
    },
  },
  {
    path: '/cluster/ha/groups',
    check,
    answer: ({ state }) =>
      groupsOf(state, true).map(({ guests: _, ...group }) => ({ ...group, type: 'group' })),
  },
  {
    path: '/cluster/ha/groups/{group}',
    check,
    answer: ({ state, path }) => {
      const found = groupsOf(state, true).find(({ group }) => group === path.group);
      if (found === undefined) throw new ApiError(500, `no such ha group '${path.group}'`);
      return { group: found.group, nodes: found.nodes, restricted: found.restricted, type: 'group' };
    },
  },
  {
    path: '/cluster/ha/status/current',
    check,
    answer: ({ state, entry }) => currentStatus(state, entry.name),
  },
  {
    path: '/cluster/ha/status/manager_status',
    check,
    answer: ({ state, entry }) => {
      const nodes = [...state.nodes.values()];
      const timestamp = state.clock.seconds();
      return {
        lrm_status: Object.fromEntries(
          nodes.map(node => [
            node.name,
            {
              mode: 'active',
              results: {},
              state: lrmBusy(state, node.name) ? 'active' : 'wait_for_agent_lock',
              timestamp,
            },
          ]),
        ),
        manager_status: {
          master_node: master(state),
          node_status: Object.fromEntries(
            nodes.map(node => [node.name, node.state === 'online' ? 'online' : 'unknown']),
          ),
          service_status: Object.fromEntries(
            [...state.ha.values()]
              .filter(({ state: requested }) => requested !== 'ignored')
              .map(({ sid, vmid, crmState }) => [
                sid,
                {
                  node: state.guests.get(vmid)?.node,
                  state: crmState,
                  running: crmState === 'started' ? 1 : 0,
                  uid: digestOf(sid).slice(0, 22),
                },
              ]),
          ),
          timestamp,
        },
        quorum: { node: entry.name, quorate: state.quorate() ? '1' : '0' },
      };
    },
  },
];

/** The groups of a cluster before Proxmox VE 9. With `mustBe`, a newer version refuses since they were migrated. */
function groupsOf({ haGroups }: ClusterState, mustBe = false): readonly HaGroup[] {
  if (haGroups === undefined && mustBe)
    throw new ApiError(500, 'cannot index groups: ha groups have been migrated to rules');
  return haGroups ?? [];
}

/** The refusal of a version without rules. */
function noRules(): ApiError {
  return new ApiError(501, "Method 'GET /cluster/ha/rules' not implemented");
}

function master(state: ClusterState): string {
  const online = [...state.nodes.values()].filter(node => node.state === 'online');
  return (online[1] ?? online[0] ?? [...state.nodes.values()][0]!).name;
}

function lrmBusy(state: ClusterState, node: string): boolean {
  return [...state.ha.values()].some(
    ({ vmid, state: requested }) => requested === 'started' && state.guests.get(vmid)?.node === node,
  );
}

function currentStatus(state: ClusterState, entry: string): Record<string, unknown>[] {
  const quorate = state.quorate();
  const timestamp = state.clock.seconds();
  const when = new Date(timestamp * 1000).toUTCString();
  const rows: Record<string, unknown>[] = [
    {
      id: 'quorum',
      type: 'quorum',
      node: entry,
      quorate: quorate ? 1 : 0,
      status: quorate ? 'OK' : 'No quorum on node',
    },
    {
      id: 'master',
      type: 'master',
      node: master(state),
      status: `${master(state)} (active, ${when})`,
      timestamp,
    },
    {
      id: 'fencing',
      type: 'fencing',
      node: master(state),
      'armed-state': 'armed',
      status: 'armed (CRM watchdog active)',
    },
  ];
  for (const node of state.nodes.values()) {
    const busy = lrmBusy(state, node.name) ? 'active, watchdog active' : 'idle, watchdog standby';
    const mode = node.maintenance ? 'maintenance mode, watchdog standby' : busy;
    const status =
      node.state === 'online'
        ? `${node.name} (${mode}, ${when})`
        : `${node.name} (old timestamp - dead?, ${when})`;
    rows.push({ id: `lrm:${node.name}`, type: 'lrm', node: node.name, status, timestamp });
  }
  for (const { sid, vmid, state: requested, crmState, comment, maxRestart } of state.ha.values()) {
    const node = state.guests.get(vmid)?.node;
    rows.push({
      id: `service:${sid}`,
      type: 'service',
      sid,
      node,
      state: crmState,
      crm_state: requested === 'ignored' ? undefined : crmState,
      request_state: requested,
      status: `${sid} (${node}, ${crmState})`,
      comment,
      failback: 1,
      max_relocate: 1,
      max_restart: maxRestart ?? 1,
    });
  }
  return rows;
}
