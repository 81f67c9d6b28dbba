import { normaliseList } from '../../history/normalise.ts';
import type { Detail, HaRuleFacts } from '../../model/detail.ts';
import { formatKey, guestOfHaId } from '../../model/resource.ts';
import type { OurTime } from '../../model/time.ts';
import { endpoints, type HaGroupRow } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { isUnread, isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { reportedOr } from '../common/reported-or.ts';
import type { ListRead, SettingSeen } from './seen.ts';

/** The answer about HA rules, or about HA groups where this version of Proxmox VE (before 9) has no rules. */
export async function insteadOfRules<T>(rules: Promise<T>, groups: () => Promise<T>): Promise<T> {
  try {
    return await rules;
  } catch (error) {
    if (error instanceof ProxmoxError && error.kind === 'not-implemented') return groups();
    throw error;
  }
}

/**
 * HA groups in the form of the rules that Proxmox VE 9 turns them into: a node affinity, strict where the group is restricted.
 * They make no history: the upgrade replaces all of them, which would read as somebody's deletions. @throws ProxmoxError
 */
export async function readHaGroups(
  api: Api,
  previous: readonly Detail<'ha_rule'>[],
  observedAt: OurTime,
): Promise<ListRead> {
  const [groups, resources] = await Promise.all([
    api.get(endpoints.cluster.haGroups),
    api.get(endpoints.cluster.haResources),
  ]);
  const known = new Map(previous.map(row => [row.subject, row.data]));
  const byGroup = Map.groupBy(resources, one => one.group);
  const items = groups.map((row): SettingSeen => {
    const members = (byGroup.get(row.group) ?? []).map(one => asGuest(one.sid));
    const data = groupFacts(row, members, known.get(row.group));
    const detail: Detail = { topic: 'ha_rule', subject: row.group, source: '', data, observedAt };
    return { id: null, state: {}, unread: [], detail };
  });
  return { items, whole: isWhole(groups) && isWhole(resources) };
}

function groupFacts(row: HaGroupRow, guests: string[], before: HaRuleFacts | undefined): HaRuleFacts {
  const nodes = normaliseList(row.nodes).map(node => node.split(':')[0]!);
  return {
    type: 'node-affinity',
    guests,
    nodes: isUnread(row, 'nodes') ? (before?.nodes ?? []) : nodes,
    strict: reportedOr(row, 'restricted', before?.strict) ?? false,
    affinity: null,
    enabled: true,
  };
}

/** The resource name of an HA service id: `vm/101` for `vm:101`, `container/200` for `ct:200`; other ids stay as they are. */
export function asGuest(sid: string): string {
  const guest = guestOfHaId(sid);
  return guest === null ? sid : formatKey(guest);
}
