import { describeError, MpcError } from '../errors.ts';
import { endpoints, type ProxmoxClient } from '../proxmox/index.ts';
import { oneLine } from '../text/clean.ts';
import { clusterText } from '../text/cluster-text.ts';
import { checkRights, type Finding } from './connection-rights.ts';
import type { AddressClients } from './host.ts';
import type { Held } from './token-levels.ts';
import { checkWriting } from './writing-rights.ts';

export type { Finding } from './connection-rights.ts';

/** What was found at one address. */
export interface ConnectionReport {
  url: string;
  /** False if tool calls would fail. */
  usable: boolean;
  findings: Finding[];
  /** What the token may do, by path; null if that could not be read. */
  held: Held | null;
  /** Names and values for `--verbose`. */
  details: [name: string, value: string][];
}

/** Reads everything at one address that tells whether discovery will work there. Never throws. */
export async function reportConnection(
  url: string,
  client: ProxmoxClient,
  writes: AddressClients['writes'] = null,
): Promise<ConnectionReport> {
  const findings: Finding[] = [];
  const details: [string, string][] = [];
  let held: Held | null = null;
  const started = performance.now();
  try {
    const { version, release } = await client.get(endpoints.access.version);
    const ms = Math.round(performance.now() - started);
    findings.push({
      level: 'good',
      text: `answers: Proxmox VE ${clusterText(version, NAME_AT_MOST)}, logged in as ${client.identity}`,
    });
    findings.push(tlsFinding(client));
    details.push(
      ['release', clusterText(release ?? '', NAME_AT_MOST)],
      ['first answer', `${ms} ms`],
      ...tlsDetails(client),
    );
    if (client.clockOffsetMs !== undefined)
      details.push(['clock', `${Math.round(client.clockOffsetMs / 1000)} s ahead of ours`]);
    held = plainRights(await client.get(endpoints.access.permissions));
    const status = await client.get(endpoints.cluster.status).catch(() => []);
    findings.push(...clusterFinding(status), ...checkRights(held, client.identity));
    details.push(...rightsDetails(held));
    if (writes !== null) findings.push(...(await checkWriting(writes, client.identity)));
    const resources = await client.get(endpoints.cluster.resources);
    const count = (type: string) => resources.filter(row => row.type === type).length;
    findings.push({
      level: 'good',
      text: `sees ${count('node')} nodes, ${count('qemu')} VMs, ${count('lxc')} containers, ${count('storage')} storages`,
    });
  } catch (error) {
    findings.push({
      level: 'bad',
      text: describeError(error),
      ...(error instanceof MpcError && error.hint !== undefined && { next: error.hint }),
    });
  }
  const usable = findings.every(finding => finding.level !== 'bad');
  return {
    url: safeLine(url),
    usable,
    findings: findings.map(({ level, text, next }) => ({
      level,
      text: safeLine(text),
      ...(next !== undefined && { next: safeLine(next) }),
    })),
    held,
    details: details.map(([name, value]) => [name, safeLine(value)]),
  };
}

/** Longest line of a report (characters): a token with rights on many paths has the longest. */
const LINE_AT_MOST = 2_000;
/** Longest name from the cluster in a line (characters). */
const NAME_AT_MOST = 60;

/** One line that is safe to show. */
function safeLine(text: string): string {
  const line = oneLine(text);
  return line.length > LINE_AT_MOST ? `${line.slice(0, LINE_AT_MOST).toWellFormed()}…` : line;
}

/** Rights with names as Proxmox forms them, without any others. */
function plainRights(held: Held): Held {
  const privileges = (of: object) => Object.entries(of).filter(([name]) => /^[A-Za-z.]{1,60}$/.test(name));
  const paths = Object.entries(held).filter(([path]) => path.length <= 300 && oneLine(path) === path);
  return Object.fromEntries(paths.map(([path, of]) => [path, Object.fromEntries(privileges(of))]));
}

function tlsFinding({ tls }: ProxmoxClient): Finding {
  const by = {
    fingerprint: 'by its pinned fingerprint',
    ca: 'by PROXMOX_CA_FILE',
    'system-ca': 'by a CA this machine trusts',
    none: '',
  }[tls?.verifiedBy ?? 'none'];
  if (by !== '')
    return {
      level: 'good',
      text: `its certificate is verified ${by}, valid to ${tls?.validTo.slice(0, 10)}`,
    };
  return {
    level: 'doubtful',
    text: 'its certificate was not verified (PROXMOX_TLS_INSECURE): whoever stands in between can read the token',
    next: `compare the fingerprint with 'pvenode cert info' on the node, then set PROXMOX_FINGERPRINT=${tls?.fingerprint}`,
  };
}

function tlsDetails({ tls }: ProxmoxClient): [string, string][] {
  if (tls === undefined) return [];
  return [
    ['certificate of', tls.subject],
    ['issued by', tls.issuer],
    ['SHA-256', tls.fingerprint],
  ];
}

/** What the token may do, with paths that have the same rights on one line: most tokens have one role everywhere. */
function rightsDetails(held: { [path: string]: object }): [string, string][] {
  const paths = Map.groupBy(Object.keys(held).sort(), path => Object.keys(held[path]!).sort().join(' '));
  return [...paths].map(([privileges, same]) => [`rights on ${same.join(', ')}`, privileges]);
}

function clusterFinding(
  status: readonly {
    type?: string | undefined;
    name?: string | undefined;
    quorate?: boolean | undefined;
    nodes?: number | undefined;
  }[],
): Finding[] {
  const cluster = status.find(row => row.type === 'cluster');
  if (cluster !== undefined) {
    const { quorate, nodes } = cluster;
    const name = clusterText(cluster.name ?? '', NAME_AT_MOST);
    if (quorate)
      return [{ level: 'good', text: `belongs to the cluster ${name} of ${nodes} nodes, which has quorum` }];
    return [
      { level: 'doubtful', text: `belongs to the cluster ${name} of ${nodes} nodes, which has no quorum` },
    ];
  }
  return status.some(row => row.type === 'node')
    ? [{ level: 'good', text: 'is a node that stands alone' }]
    : [];
}
