import type { ConfinementFacts, NodeFacts } from '../../model/detail.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';

/*
 * Facts that older versions do not report, or tokens may not see. Where one cannot be read, its earlier value stands, and the
 * details are no less complete for it.
 */

/** Most characters kept of a profile's name. */
const PROFILE_AT_MOST = 100;

async function unlessRefused<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ProxmoxError) return undefined;
    throw error;
  }
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

/** How a container is confined according to the raw lines of its configuration; undefined where they cannot be read. */
export function readConfinement(api: Api, node: string, vmid: number): Promise<ConfinementFacts | undefined> {
  return unlessRefused(async () => {
    const { lxc } = await api.get(endpoints.lxc.config, { node, vmid });
    const lines = Array.isArray(lxc) ? lxc.filter(line => Array.isArray(line)) : [];
    // `lxc.aa_profile` before LXC 2.1.
    const profile = lines.find(([key]) => /^lxc\.(?:apparmor\.profile|aa_profile)$/.test(String(key)))?.[1];
    return { apparmor: profile === undefined ? null : String(profile).slice(0, PROFILE_AT_MOST) };
  });
}
