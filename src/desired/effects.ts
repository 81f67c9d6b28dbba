import type { StepEffect } from '../model/plan.ts';
import type { JsonValue } from '../model/state.ts';
import { listOf } from './expected.ts';
import type { Subject } from './subject.ts';
import { leafOf } from './value.ts';

/*
 * What a running guest applies at once and what it leaves pending until its restart, as observed with the API of Proxmox VE 9.2.
 * A guest that is off applies everything at once.
 */

const VM_AT_ONCE =
  /^(?:description|onboot|startup|protection|shares|cpuunits|cpulimit|tablet|migrate_downtime|vmstatestorage|nameserver|searchdomain|ciuser|ipconfig\d+|cicustom)(?:\.|$)/;
const CONTAINER_AT_ONCE =
  /^(?:description|memory|swap|cores|cpulimit|cpuunits|onboot|startup|protection)(?:\.|$)/;
/** Parts of a card that change in place; others unplug it for a moment, or interrupt its link. */
const CARD_IN_PLACE = /^(?:link_down|firewall|rate)$/;
const DISK_AT_ONCE = /^(?:backup|iops(?:_\w+)?|mbps(?:_\w+)?|bps(?:_\w+)?)$/;

/** What changing a field from one value to another does to the guest; `restart` allows restarting it. */
export function effectOf(
  subject: Subject,
  path: string,
  from: JsonValue,
  to: JsonValue,
  restart: boolean,
): StepEffect {
  if (path === 'status') return to === 'running' ? 'starts it' : 'shuts it down';
  if (path === 'node') return 'moves it';
  if (path === 'snapshots') return 'task';
  if (subject.own['status'] === 'stopped' || !path.startsWith('config.')) return 'now';
  const waits = restart ? 'restarts it' : 'after restart';
  const [key = '', part = ''] = path.slice('config.'.length).split('.');
  if (/^net\d+$/.test(key)) {
    if (subject.type === 'vm' && !hotplugs(subject, 'network')) return waits;
    return CARD_IN_PLACE.test(part) ? 'now' : 'now, link drops briefly';
  }
  if (subject.type === 'container') return CONTAINER_AT_ONCE.test(key) ? 'now' : waits;
  return takesAtOnce(subject, key, part, from, to) ? 'now' : waits;
}

function takesAtOnce(subject: Subject, key: string, part: string, from: JsonValue, to: JsonValue): boolean {
  if (VM_AT_ONCE.test(key)) return true;
  // Only from one number to another: 0 removes the device.
  if (key === 'balloon') return Number(from) > 0 && Number(to) > 0;
  if (key === 'memory')
    return (
      hotplugs(subject, 'memory') &&
      Number(leafOf(subject.config?.['numa'], undefined)) === 1 &&
      Number(to) >= 1024
    );
  if (key === 'vcpus') return hotplugs(subject, 'cpu');
  if (key === 'agent') return part !== 'enabled' && part !== 'type';
  if (/^(?:scsi|virtio)\d+$/.test(key)) return DISK_AT_ONCE.test(part);
  return false;
}

function hotplugs({ config }: Subject, what: string): boolean {
  const value = leafOf(config?.['hotplug'], undefined);
  if (value === null || value === 1) return ['network', 'disk', 'usb'].includes(what);
  return listOf(value)
    .flatMap(one => one.split(/[,;\s]+/))
    .includes(what);
}
