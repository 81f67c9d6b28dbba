import { PENDING_DELETION } from '../../../model/state.ts';
import type { ViewDialect } from '../view-dialect.ts';
import { isOfFamily, part, wholeValue } from './property.ts';

/** The key families of disks and drives, of VMs and of containers. */
const DISKS = ['ide', 'sata', 'scsi', 'virtio', 'efidisk', 'tpmstate', 'rootfs', 'mp'];

const RESOURCE = "c.resource_type || '/' || c.resource_id AS resource";
const members = (d: ViewDialect, column: string) =>
  `FROM ${d.table('guest_configs')} c CROSS JOIN ${d.members(`c.${column}`, 'k')}`;

/** Every key with its whole value, and every part of a value that has parts. */
export function configView(d: ViewDialect): string {
  const keys = `SELECT ${RESOURCE}, k.key AS key, ${d.text(`(${wholeValue(d, 'k')})`)} AS value ${members(d, 'config')}`;
  const parts = `SELECT ${RESOURCE}, k.key || '.' || p.key AS key, ${d.text(d.valueOf('p'))} AS value ${members(d, 'config')} CROSS JOIN ${d.members(d.objectIn('k'), 'p')}`;
  return `${keys} UNION ALL ${parts}`;
}

/** Pending changes, without values that could not be read yet. */
export function pendingView(d: ViewDialect): string {
  const after = `CASE WHEN ${d.valueOf('k')} = '${PENDING_DELETION}' THEN NULL ELSE ${wholeValue(d, 'k')} END`;
  return `SELECT ${RESOURCE}, k.key AS key, ${d.text(`(${wholeValue(d, 'r')})`)} AS running, ${d.text(`(${after})`)} AS after_restart ${members(d, 'pending')} LEFT JOIN ${d.members('c.config', 'r')} ON r.key = k.key WHERE ${d.valueOf('k')} IS NOT NULL`;
}

/** Disks, mount points and CD-ROMs, as in conditions: without unused volumes. */
export function disksView(d: ViewDialect): string {
  const drives = `SELECT ${RESOURCE}, k.key AS device, CASE WHEN ${d.isObject('k')} THEN ${d.scalar('k.value', 'volume')} ELSE ${d.valueOf('k')} END AS volume, ${part(d, 'k', 'size')} AS size, ${part(d, 'k', 'media')} AS media ${members(d, 'config')} WHERE ${isOfFamily('k.key', DISKS)}`;
  const size = d.number('size');
  const gib = `CASE substr(size, length(size)) WHEN 'T' THEN ${size} * 1024 WHEN 'G' THEN ${size} WHEN 'M' THEN ${size} / 1024 WHEN 'K' THEN ${size} / 1048576 ELSE ${size} / 1073741824 END`;
  const storage = `CASE WHEN volume LIKE '_%:%' AND substr(volume, 1, 1) <> '/' THEN substr(volume, 1, ${d.position('volume', ':')} - 1) END`;
  return `SELECT resource, device, rtrim(device, '0123456789') AS bus, ${d.text(`(${storage})`)} AS storage, CASE WHEN volume <> 'none' THEN ${d.text('volume')} END AS volume, ${d.rounded(`(${gib})`)} AS size_gib, CASE WHEN media = 'cdrom' OR volume LIKE '%-cloudinit%' THEN 1 ELSE 0 END AS cdrom FROM (${drives}) AS drives`;
}

/** Network cards. */
export function nicsView(d: ViewDialect): string {
  const of = (name: string) => `(${part(d, 'k', name)})`;
  const either = (a: string, b: string) => `coalesce(${of(a)}, ${of(b)})`;
  return `SELECT ${RESOURCE}, k.key AS device, ${d.text(either('model', 'type'))} AS model, ${d.text(either('macaddr', 'hwaddr'))} AS mac, ${d.text(of('bridge'))} AS bridge, ${d.integer(of('tag'))} AS vlan, coalesce(${d.integer(of('firewall'))}, 0) AS firewall, coalesce(${d.integer(of('link_down'))}, 0) AS link_down ${members(d, 'config')} WHERE ${isOfFamily('k.key', ['net'])} AND k.key <> 'net'`;
}

/** Addresses reported by guests, and those set in their configuration. */
export function addressesView(d: ViewDialect): string {
  const reported = `SELECT a.subject AS resource, ${d.scalar('i.value', 'name')} AS device, ${d.valueOf('ip')} AS address FROM ${d.table('details')} a CROSS JOIN ${d.elements("(a.data -> 'interfaces')", 'i')} CROSS JOIN ${d.elements("(i.value -> 'ips')", 'ip')} WHERE a.topic = 'addresses'`;
  const set = ['ip', 'ip6'].map(
    name =>
      `SELECT ${RESOURCE}, coalesce(${part(d, 'k', 'name')}, k.key) AS device, ${part(d, 'k', name)} AS address ${members(d, 'config')} WHERE ${isOfFamily('k.key', ['net', 'ipconfig'])}`,
  );
  const bare = `CASE WHEN ${d.position('address', '/')} > 0 THEN substr(address, 1, ${d.position('address', '/')} - 1) ELSE address END`;
  return `SELECT DISTINCT resource, ${d.text('device')} AS device, ${d.text(`(${bare})`)} AS address FROM (${[reported, ...set].join(' UNION ALL ')}) AS addresses WHERE ${d.position('address', '.')} > 0 OR ${d.position('address', ':')} > 0`;
}

/** Proxmox snapshots. */
export function snapshotsView(d: ViewDialect): string {
  return `SELECT ${RESOURCE}, ${d.text('k.key')} AS name, ${d.timeOfText(d.valueOf('k'), 1)} AS created_at ${members(d, 'snapshots')}`;
}
