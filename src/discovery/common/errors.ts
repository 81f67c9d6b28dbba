import { MpcError } from '../../errors.ts';

/**
 * The API shows another root certificate, or another name of a node that stood alone, though it may be the same cluster.
 * Nothing was written; a person decides.
 */
export class ClusterRenewedError extends MpcError {
  constructor(stored: string, found: string) {
    super(
      'cluster-renewed',
      `This store belongs to ${stored}, and the API is ${found}. If its certificates were renewed, run: proxmox-mpc db adopt`,
      {
        hint: 'It shows both fingerprints and compares nodes, VMIDs and the identities of VMs before it changes anything.',
      },
    );
  }
}

/** The store holds another cluster's history. Nothing was written. */
export class ClusterMismatchError extends MpcError {
  constructor(stored: string, found: string) {
    super('cluster-mismatch', `This store belongs to ${stored}, but the API is ${found}.`, {
      hint: 'Give each cluster a database of its own (--database-url file:/path/other.db), or correct PROXMOX_URL.',
    });
  }
}
