import type { JsonValue } from '../model/state.ts';
import { hasTag, LOCK_TAG, type WriteScope } from '../model/writing.ts';
import { listOf } from './expected.ts';
import type { Subject } from './subject.ts';

const CPU = /^config\.(?:cores|sockets|cpu|numa|vcpus|cpuunits|cpulimit)(?:\.|$)/;
const MEMORY = /^config\.(?:memory|balloon|shares|swap)$/;
const OPTIONS = /^(?:name|config\.(?:onboot|agent|protection)(?:\.|$))/;
const DISK = /^config\.(?:ide|sata|scsi|virtio|efidisk|tpmstate|rootfs|mp|unused)\d*(?:\.|$)/;

/**
 * Why a plan leaves out a step; null where it can have it. `only` is the tag or pool to which writing is limited, which no plan
 * sets or removes either. Worded for people.
 */
export function leftOutOf(
  subject: Subject,
  { path, from, to }: { path: string; from: JsonValue; to: JsonValue },
  only: WriteScope | null,
): string | null {
  if (subject.type === 'storage') return 'storages are not changed by plans';
  if (subject.template) return 'it is a template, which is never written to';
  if (hasTag(subject.tags, LOCK_TAG)) return `it has the tag ${LOCK_TAG}`;
  if ([from, to].some(holdsSecret)) return SECRET_INSIDE;
  const tag = path === 'tags' ? keptTags(only).find(one => moves(one, from, to)) : undefined;
  if (tag !== undefined) return `no plan sets or removes the tag ${tag}`;
  if (path === 'config.protection' && Number(to) !== 1) return 'protection is never switched off by a plan';
  if (to === null && (path === 'name' || isKept(subject, path))) return 'a guest is never without it';
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

const SECRET_INSIDE =
  'it holds what looks like a secret, which is not kept and so could not be compared or given back';

/** Whether a value is only known without what looked like a secret in it. */
function holdsSecret(value: JsonValue): boolean {
  return /\(secret(?:~[0-9a-f]{4})?\)/.test(JSON.stringify(value));
}

function isKept({ type }: Subject, path: string): boolean {
  return type === 'container' && /^config\.(?:memory|swap)$/.test(path);
}

/** A card's fields only change where the card exists and its address is known: otherwise Proxmox would invent one. */
function cardOf({ config, type }: Subject, path: string, to: JsonValue): string | null {
  const [, key = '', part] = path.split('.');
  const card = config?.[key];
  if (typeof card !== 'object' || card === null || Array.isArray(card))
    return 'plans neither add nor remove network cards';
  if (part === undefined || (to === null && /^(?:model|macaddr|hwaddr)$/.test(part)))
    return 'plans neither add nor remove network cards';
  if (part === 'firewall' && Number(to) !== 1)
    return 'the firewall of a card is never switched off by a plan';
  const address = card[type === 'vm' ? 'macaddr' : 'hwaddr'];
  return typeof address === 'string' ? null : 'its address is not known, and Proxmox would invent another';
}

/** Tags that decide which guests may be written to. */
function keptTags(only: WriteScope | null): string[] {
  return only !== null && 'tag' in only ? [LOCK_TAG, only.tag] : [LOCK_TAG];
}

function moves(tag: string, from: JsonValue, to: JsonValue): boolean {
  return hasTag(listOf(from), tag) !== hasTag(listOf(to), tag);
}
