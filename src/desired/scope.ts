import type { JsonValue } from '../model/state.ts';
import { listOf } from './expected.ts';
import type { Subject } from './subject.ts';

/** A guest with this tag is never written to, and no plan sets or removes it. */
export const LOCK_TAG = 'mpc-locked';

const CPU = /^config\.(?:cores|sockets|cpu|numa|vcpus|cpuunits|cpulimit)(?:\.|$)/;
const MEMORY = /^config\.(?:memory|balloon|shares|swap)$/;
const OPTIONS = /^(?:name|config\.(?:onboot|agent|protection)(?:\.|$))/;
const DISK = /^config\.(?:ide|sata|scsi|virtio|efidisk|tpmstate|rootfs|mp|unused)\d*(?:\.|$)/;

/** Why a plan leaves a step alone; null where it can have it. The words are for a person. */
export function leftOutOf(subject: Subject, path: string, from: JsonValue, to: JsonValue): string | null {
  if (subject.type === 'storage') return 'storages are not changed by plans';
  if (subject.template) return 'it is a template, which is never written to';
  if (subject.tags.includes(LOCK_TAG)) return `it has the tag ${LOCK_TAG}`;
  if (path === 'tags' && listOf(from).includes(LOCK_TAG) !== listOf(to).includes(LOCK_TAG))
    return `no plan sets or removes the tag ${LOCK_TAG}`;
  if (path === 'config.protection' && Number(to) !== 1) return 'protection is never switched off by a plan';
  if (/^config\.net\d+/.test(path)) return cardOf(subject, path, to);
  if (/^config\.(?:rootfs|mp|ide|sata|scsi|virtio)\d*\.size$/.test(path))
    return 'disks are not resized by plans, and none can shrink';
  if (DISK.test(path)) return 'disks are not changed by plans';
  if (['tags', 'status', 'node', 'snapshots', 'config.description'].includes(path)) return null;
  if (OPTIONS.test(path) || CPU.test(path) || MEMORY.test(path)) return null;
  if (path === 'config.startup' || path.startsWith('config.startup.'))
    return subject.type === 'container'
      ? null
      : 'the start order of a VM needs rights over the whole cluster';
  const named = path === 'pool' ? 'pools are' : path === 'ha' ? 'high availability is' : null;
  return named === null ? 'plans do not change this key' : `${named} not changed by plans`;
}

/** A card's fields change where there is a card, with its address: else Proxmox would invent one. */
function cardOf({ config, type }: Subject, path: string, to: JsonValue): string | null {
  const [, key = '', part] = path.split('.');
  const card = config?.[key];
  if (typeof card !== 'object' || card === null || Array.isArray(card))
    return 'plans neither add nor remove network cards';
  if (part === undefined || (part === 'model' && to === null))
    return 'plans neither add nor remove network cards';
  const address = card[type === 'vm' ? 'macaddr' : 'hwaddr'];
  return typeof address === 'string' ? null : 'its address is not known, and Proxmox would invent another';
}
