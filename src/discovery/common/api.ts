import type { ProxmoxRun } from '../../proxmox/client.ts';

/** The API as one run sees it: its own count of calls, its warnings, and the nodes it has given up on. */
export type Api = Pick<ProxmoxRun, 'get'>;
