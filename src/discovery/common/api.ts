import type { ProxmoxRun } from '../../proxmox/client.ts';

/** The API as one run uses it: with the run's own call count, warnings, and list of nodes it has given up on. */
export type Api = Pick<ProxmoxRun, 'get'>;
