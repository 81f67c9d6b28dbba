/**
 * A row or an object of the raw API, by the names that Proxmox gives. A field is there only where PVE writes it, and has its
 * type without that doubt: a test that reads one which is not there gets undefined, and fails.
 */
export type PveRow = {
  id: string;
  type: string;
  node: string;
  vmid: number;
  name: string;
  status: string;
  qmpstatus: string;
  template: number;
  pool: string;
  lock: string;
  uptime: number;
  maxmem: number;
  maxdisk: number;
  // Of nodes, and of the cluster's status.
  nodes: number;
  online: number;
  local: number;
  quorate: number;
  version: string;
  release: string;
  time: number;
  iface: string;
  filename: string;
  fingerprint: string;
  ssl_fingerprint: string;
  // Of storages and what lies there.
  storage: string;
  content: string;
  disable: number;
  volid: string;
  ctime: number;
  // Of tasks and lines of logs.
  upid: string;
  uid: string;
  msg: string;
  user: string;
  starttime: number;
  endtime: number;
  exitstatus: string;
  // Of configurations, and of what waits there.
  digest: string;
  cpu: string;
  memory: number;
  cipassword: string;
  key: string;
  value: string;
  // Of what runs inside a guest.
  result: { 'ip-addresses': object[] }[];
  'ip-addresses': object[];
  // Of a ticket.
  ticket: string;
};
