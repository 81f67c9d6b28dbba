import { MpcError } from '../errors.ts';

/** The store holds another cluster's history. Nothing was written. */
export class ClusterMismatchError extends MpcError {
  constructor(stored: string, found: string) {
    super('cluster-mismatch', `This store belongs to ${stored}, but the API is ${found}.`, {
      hint: 'Give each cluster a database of its own (--database-url file:/path/other.db), or correct PROXMOX_URL.',
    });
  }
}
