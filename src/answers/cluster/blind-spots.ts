import type { Row } from '../../mcp/define/output.ts';
import type { GuestGroup } from '../../model/filter.ts';
import { reasonText } from '../../model/reason-text.ts';
import { hasProcess } from '../../model/status.ts';
import { counted } from '../../text/counted.ts';
import { clusterText } from '../format/text.ts';
import { isGroupInSight, type NodeSights } from '../in-sight.ts';
import type { NodeFact } from '../nodes/fact.ts';
import type { StorageFact } from '../storage/fact.ts';
import { LEFT_OUT_AT_MOST, shortList, sum } from './words.ts';

const UNSEEN =
  'none can be seen: there are none, or the token lacks VM.Audit (proxmox-mpc test-connection tells)';

/** What was seen of a cluster. */
export interface Seen {
  /** Null if it could not be read. */
  quorate: boolean | null;
  nodes: readonly NodeFact[];
  groups: readonly GuestGroup[];
  sights: NodeSights;
}

/** What cannot be seen of the cluster at present, `[{what, why}]`: problems there are unknown. */
export function blindSpots(seen: Seen): Row[] {
  return [
    ...(seen.quorate === null
      ? [{ what: 'cluster', why: 'whether it has quorum could not be read (that needs Sys.Audit on /)' }]
      : []),
    // A token without the right to see guests is more common than a cluster without guests.
    ...(seen.groups.length === 0 ? [{ what: 'guests', why: UNSEEN }] : []),
    ...unseenNodes(seen),
    ...lostGuests(seen),
  ];
}

/** A node that does not answer for itself is a finding; these are the nodes that cannot be judged at all. */
function unseenNodes({ nodes, groups, sights }: Seen): Row[] {
  return nodes.flatMap(({ node, out, silent, lastStatus }) => {
    if (out === null || silent) return [];
    const running = groups.filter(
      group => group.nodeId === node && hasProcess(group.status) && !isGroupInSight(group, sights),
    );
    const stranded = sum(running.map(group => group.guests));
    const there = stranded > 0 ? `; ${counted(stranded, 'guest was', 'guests were')} running there` : '';
    const reason = clusterText(reasonText(out.reason), 120);
    return [{ what: `node/${node}`, why: `unknown (${reason}); last known ${lastStatus}${there}` }];
  });
}

/** Unseen guests beyond those on unseen nodes: the token lost the right to see them, or the listing lacked them. */
function lostGuests({ groups, sights }: Seen): Row[] {
  const living = groups.filter(group => !group.template);
  const lost = living.filter(
    group => !group.seen && sights.standing.has(group.nodeId) && !sights.unseen.has(group.nodeId),
  );
  if (lost.length === 0) return [];
  const [some, all] = [lost, living].map(groups => sum(groups.map(group => group.guests)));
  return [
    {
      what: 'guests',
      why: `${some} of ${all} cannot be seen now, and are not counted as what they were: unseen says why, list_guests with status unknown names them`,
    },
  ];
}

/** Storages that cannot be seen, one row per reason; those of a node that has its own row are not repeated. */
export function unseenStorages(storages: readonly StorageFact[], sights: NodeSights): Row[] {
  const lost = storages.flatMap(({ storage, node, out }) => {
    if (out === null) return [];
    if (node !== null && (sights.unseen.has(node) || !sights.standing.has(node))) return [];
    return [{ name: `storage/${storage}`, node, reason: reasonText(out.reason) }];
  });
  return [...Map.groupBy(lost, one => one.reason)].map(([reason, ones]) => {
    const names = [...new Set(ones.map(one => one.name))];
    const [{ node }] = ones as [(typeof ones)[number]];
    const where = node !== null && ones.length === 1 ? ` on ${node}` : '';
    const why = `cannot be seen${where}: ${clusterText(reason, 120)}`;
    return names.length === 1
      ? { what: names[0], why }
      : { what: 'storages', why: `${why} (${shortList(names, LEFT_OUT_AT_MOST).join(', ')})` };
  });
}
