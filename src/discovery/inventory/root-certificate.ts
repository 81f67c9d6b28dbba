import type { InventoryObservation } from '../../model/observation.ts';
import type { ProxmoxRun } from '../../proxmox/client.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';

/** The cluster's root certificate, by which a store recognises its cluster. Read once per address that answers. */
export class RootCertificate {
  #known: { baseUrl: string; fingerprint: string } | null = null;

  /** Its SHA-256 as PVE shows it, read `again` even if known; null where no online node reports it. */
  async fingerprint(inventory: InventoryObservation, api: ProxmoxRun, again = false): Promise<string | null> {
    const { baseUrl } = api;
    if (!again && this.#known?.baseUrl === baseUrl) return this.#known.fingerprint;
    for (const node of inventory.online) {
      try {
        const certificates = await api.get(endpoints.nodes.certificates, { node });
        const fingerprint = certificates.find(one => one.filename === 'pve-root-ca.pem')?.fingerprint;
        if (fingerprint === undefined) continue;
        this.#known = { baseUrl, fingerprint };
        return fingerprint;
      } catch (error) {
        // A frozen node does not keep the others from answering.
        if (!(error instanceof ProxmoxError)) throw error;
      }
    }
    return null;
  }
}
