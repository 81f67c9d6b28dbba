/**
 * A row or an object of the raw API, by the names that Proxmox gives. A field is there only where PVE writes it, and has its
 * type without that doubt: a test that reads one which is not there gets undefined, and fails.
 */
export interface PveRow {
  id: string;
  type: string;
  node: string;
  name: string;
  status: string;
  nodes: number;
  filename: string;
  fingerprint: string;
  uptime: number;
}
