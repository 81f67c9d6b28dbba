import { normaliseList } from '../../history/normalise.ts';
import type { ClusterFacts, ConfinementFacts, Detail, NodeFacts } from '../../model/detail.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';

/*
 * What older versions do not tell, or tokens may not see: where it cannot be read, what was reported before stands, and nothing
 * else of the details is less complete for it.
 */

/** Characters of a profile's name. */
const PROFILE_AT_MOST = 100;

async function unlessRefused<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ProxmoxError) return undefined;
    throw error;
  }
}

/** The rules of high availability; undefined where they cannot be read, as before Proxmox VE 9. */
export function readHaRules(
  api: Api,
  previous: readonly Detail<'ha_rule'>[],
  observedAt: number,
): Promise<Detail<'ha_rule'>[] | undefined> {
  return unlessRefused(async () => {
    const list = await api.get(endpoints.cluster.haRules);
    const rules = list.map((row): Detail<'ha_rule'> => {
      const data = {
        type: row.type ?? 'unknown',
        guests: normaliseList(row.resources).map(asGuest),
        nodes: normaliseList(row.nodes).map(node => node.split(':')[0]!),
        strict: row.strict ?? false,
        affinity: row.affinity ?? null,
        enabled: row.disable !== true,
      };
      return { topic: 'ha_rule', subject: row.rule, source: '', data, observedAt };
    });
    if (isWhole(list)) return rules;
    const told = new Set(rules.map(rule => rule.subject));
    return [...rules, ...previous.filter(rule => !told.has(rule.subject))];
  });
}

/** `vm:101` and `ct:200` as we name guests. */
function asGuest(sid: string): string {
  const [kind, id] = sid.split(':');
  return `${kind === 'ct' ? 'container' : 'vm'}/${id}`;
}

/** The QDevice of a cluster with so many nodes; undefined where that cannot be read. */
export function readQdevice(api: Api, members: number): Promise<ClusterFacts['qdevice']> {
  return unlessRefused(async () => {
    const told = await api.get(endpoints.cluster.qdevice);
    if (Object.keys(told).length === 0) return { votes: 0, connected: false };
    // With LMS it has one vote less than there are nodes, else one: `pvecm qdevice setup`.
    const isLms = /lms|last man/i.test(String(told['Algorithm'] ?? ''));
    return { votes: isLms ? members - 1 : 1, connected: /^connected/i.test(String(told['State'] ?? '')) };
  });
}

/** The certificates of a node; undefined where they cannot be read. */
export function readCertificates(api: Api, node: string): Promise<NodeFacts['certificates']> {
  return unlessRefused(async () =>
    (await api.get(endpoints.nodes.certificates, { node })).flatMap(({ filename, notafter }) =>
      filename === undefined || notafter === undefined
        ? []
        : [{ file: filename, expiresAt: notafter * 1000 }],
    ),
  );
}

/** What the raw lines of a container's configuration say; undefined where they cannot be read. */
export function readConfinement(api: Api, node: string, vmid: number): Promise<ConfinementFacts | undefined> {
  return unlessRefused(async () => {
    const { lxc } = await api.get(endpoints.lxc.config, { node, vmid });
    const lines = Array.isArray(lxc) ? lxc.filter(line => Array.isArray(line)) : [];
    // `lxc.aa_profile` before LXC 2.1.
    const profile = lines.find(([key]) => /^lxc\.(?:apparmor\.profile|aa_profile)$/.test(String(key)))?.[1];
    return { apparmor: profile === undefined ? null : String(profile).slice(0, PROFILE_AT_MOST) };
  });
}
