import { UsageError } from '../../errors.ts';
import { fillPath } from '../endpoint.ts';
import type { GuestAddress, Operation } from './operation.ts';
import { writableKey } from './writable.ts';

/** A write in the form in which it is sent. */
export interface WriteRequest {
  method: 'PUT' | 'POST';
  /** Below /api2/json, encoded. */
  path: string;
  form: Record<string, string>;
}

/** Keys whose change may plug a device, which takes a VM seconds: sent as a task, since a plain call ends after 30 s. */
const PLUGGED = /^(?:net\d+|memory|vcpus)$/;
const DIGEST = /^[0-9a-f]{40}$/;
/** What Proxmox shows, or the store keeps, in place of a secret. Written back it would become the secret. */
const MASK = /^\*{4,}$|\(secret(?:~[0-9a-f]{4}| changed)?\)/;

/**
 * The request for an operation.
 * @throws UsageError for what must never be written, whoever asks: a key outside `writableKey`, protection off, a network card
 * without its MAC, a masked value, no digest
 */
export function writeRequest(operation: Operation): WriteRequest {
  const { guest } = operation;
  switch (operation.kind) {
    case 'config':
      return configRequest(operation);
    case 'revert':
      return {
        method: 'PUT',
        path: pathOf(guest, 'config'),
        form: { revert: keyList(guest, operation.keys), digest: digestOf(operation.digest) },
      };
    case 'power':
      return { method: 'POST', path: pathOf(guest, `status/${operation.action}`), form: {} };
    case 'migrate': {
      const live = guest.type === 'vm' ? 'online' : 'restart';
      const form = { target: operation.target, ...(operation.live && { [live]: '1' }) };
      return { method: 'POST', path: pathOf(guest, 'migrate'), form };
    }
    case 'snapshot': {
      if (!/^[A-Za-z][\w-]{1,39}$/.test(operation.name) || /^(?:current|pending)$/.test(operation.name))
        throw new UsageError(`'${operation.name}' cannot be the name of a snapshot`, {
          hint: 'A letter, then letters, digits, - and _: 2 to 40 in all.',
        });
      const { name: snapname, description } = operation;
      const form = { snapname, ...(description !== undefined && { description }) };
      return { method: 'POST', path: pathOf(guest, 'snapshot'), form };
    }
  }
}

function configRequest({ guest, set, remove, digest }: Operation & { kind: 'config' }): WriteRequest {
  const keys = Object.keys(set);
  if (keys.length + remove.length === 0) throw new UsageError('An operation must change something');
  for (const key of keys) checkValue(guest, key, set[key]!);
  for (const key of remove) {
    if (writable(guest, key).kept) throw never(guest, `${key} may not be deleted`);
    if (Object.hasOwn(set, key)) throw new UsageError(`${key} cannot be set and deleted at once`);
  }
  const form = {
    ...set,
    ...(remove.length > 0 && { delete: remove.join(',') }),
    digest: digestOf(digest),
  };
  const task = guest.type === 'vm' && keys.some(key => PLUGGED.test(key));
  return { method: task ? 'POST' : 'PUT', path: pathOf(guest, 'config'), form };
}

function checkValue(guest: GuestAddress, key: string, value: string): void {
  const { only, whole } = writable(guest, key);
  // Setting a key to an empty text would delete it.
  if (value === '') throw never(guest, `${key} may not be set to nothing: delete it`);
  if (MASK.test(value)) throw never(guest, `${key} would be set to the mask that hides it`);
  if (only !== undefined && value !== only) throw never(guest, `${key} may only be set to ${only}`);
  if (whole && !/(?:^|[=,])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?:,|$)/.test(value))
    throw never(guest, `${key} must be sent with its MAC address`);
}

function writable(guest: GuestAddress, key: string) {
  const known = writableKey(guest.type, key);
  if (known === undefined) throw never(guest, `${key} is never written`);
  return known;
}

function keyList(guest: GuestAddress, keys: readonly string[]): string {
  if (keys.length === 0) throw new UsageError('An operation must change something');
  for (const key of keys) writable(guest, key);
  return keys.join(',');
}

function digestOf(digest: string): string {
  if (!DIGEST.test(digest)) throw new UsageError('A write needs the digest of what was read just before');
  return digest;
}

function never({ type, vmid }: GuestAddress, what: string): UsageError {
  return new UsageError(`${type}/${vmid}: ${what}`);
}

function pathOf({ type, node, vmid }: GuestAddress, below: string): string {
  const kind = type === 'vm' ? 'qemu' : 'lxc';
  return fillPath(`/nodes/{node}/${kind}/{vmid}/${below}`, { node, vmid });
}
