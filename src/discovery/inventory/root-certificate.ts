import type { InventoryObservation } from '../../model/observation.ts';
import type { ProxmoxRun } from '../../proxmox/client.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';

/** The cluster's root certificate, by which a store knows its cluster. Asked once for each address that answers. */
export class RootCertificate {
  #known: { baseUrl: string; fingerprint: string } | null = null;

  /** Its SHA-256 as PVE shows it, asked `again` even where it is known; null where no node that is online tells. */
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
        // A frozen node does not keep the others from telling.
        if (!(error instanceof ProxmoxError)) throw error;
      }
    }
    return null;
  }
}
