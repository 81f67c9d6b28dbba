import type { DeclaredFields } from '../model/declaration.ts';
import { isObject, type JsonValue } from '../model/state.ts';
import { maskValue } from '../text/mask.ts';
import { isSecretPath } from '../text/secret-words.ts';
import { fieldOf } from './fields.ts';
import type { Subject } from './subject.ts';
import { actualOf } from './value.ts';

/** What `like` never copies: what identifies a guest, its cards and its volumes, and the order of devices. */
const NEVER =
  /^config\.(?:vmgenid|smbios1\.uuid|boot(?:\.|$)|bootdisk|unused\d+|net\d+(?:$|\.macaddr|\.hwaddr)|(?:ide|sata|scsi|virtio|efidisk|tpmstate|mp|rootfs)\d*(?:$|\.volume))/;
/** Fields outside the configuration that `like` copies. */
const OWN_TAKEN = [
  'name',
  'tags',
  'pool',
  'template',
  'node',
  'status',
  'ha',
  'enabled',
  'content',
  'nodes',
  'shared',
];

/** The values copied from one resource, and the requested fields that were not, with the reason. */
export interface Taken {
  fields: DeclaredFields;
  left: { path: string; why: string }[];
}

/** Whether `like` never copies a path, whatever its value. */
export function isNeverTaken(path: string): boolean {
  return NEVER.test(path);
}

/**
 * The values of a resource at a moment, as explicit claims: existing keys, among `paths` or all that may be declared. Values with
 * a pending change, secrets, and unknown values are not copied.
 */
export function takenFrom(subject: Subject, paths: readonly string[] | null): Taken {
  const taken: Taken = { fields: {}, left: [] };
  const asked = (path: string) =>
    paths === null || paths.some(one => path === one || path.startsWith(`${one}.`));
  for (const [path, value] of leavesOf(subject)) {
    if (!asked(path)) continue;
    const why = reasonToLeave(subject, path, value);
    if (why === null) taken.fields[path] = value;
    else if (why !== '') taken.left.push({ path, why });
  }
  return taken;
}

/** Why a value is not copied: an empty text where that needs no mention, null where it is copied. */
function reasonToLeave(subject: Subject, path: string, value: JsonValue): string | null {
  const { type } = subject;
  if (isSecretPath(path)) return '';
  if (isNeverTaken(path)) return '';
  const field = fieldOf(type, path);
  if (field === undefined) return '';
  if (JSON.stringify(maskValue(path, value)) !== JSON.stringify(value)) return 'it holds a secret';
  if (field.words !== undefined && !field.words.includes(String(value))) return `it is ${String(value)}`;
  if (subject.unknownFields[path] !== undefined) return 'it is not known now';
  const actual = actualOf(subject, path);
  if (actual === undefined) return 'it is not known now';
  return JSON.stringify(actual.value) === JSON.stringify(actual.running)
    ? null
    : 'another value waits for a restart';
}

/** Every value of a resource by path, with separate parts of property strings. */
function leavesOf({ own, config }: Subject): [string, JsonValue][] {
  const leaves: [string, JsonValue][] = OWN_TAKEN.flatMap(path => {
    const value = own[path];
    return value === undefined ? [] : [[path, value] satisfies [string, JsonValue]];
  });
  for (const [key, value] of Object.entries(config ?? {})) {
    const path = `config.${key}`;
    if (!isObject(value)) leaves.push([path, value]);
    else if (Object.hasOwn(value, 'current')) leaves.push([path, value['current']!]);
    else for (const [part, one] of Object.entries(value)) leaves.push([`${path}.${part}`, one]);
  }
  return leaves.filter(([, value]) => value !== null);
}
