import type { DeclaredFields } from '../model/declaration.ts';
import { isObject, type JsonValue } from '../model/state.ts';
import { maskValue } from '../text/mask.ts';
import { isSecretPath } from '../text/secret-words.ts';
import { fieldOf } from './fields.ts';
import type { Subject } from './subject.ts';
import { actualOf } from './value.ts';

/** What `like` never takes: what names a guest, its cards and its volumes, and the order of devices. */
const NEVER =
  /^config\.(?:vmgenid|smbios1\.uuid|boot(?:\.|$)|bootdisk|unused\d+|net\d+(?:$|\.macaddr|\.hwaddr)|(?:ide|sata|scsi|virtio|efidisk|tpmstate|mp|rootfs)\d*(?:$|\.volume))/;
/** A state's fields apart from the configuration that `like` takes. */
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

/** What was taken of one resource, and which of the fields asked for were not, with the reason. */
export interface Taken {
  fields: DeclaredFields;
  left: { path: string; why: string }[];
}

/** Whether `like` leaves a path alone, whatever its value. */
export function isNeverTaken(path: string): boolean {
  return NEVER.test(path);
}

/**
 * The values of a resource at a moment, as explicit claims: keys that exist, of `paths` or of all that may be declared. A
 * value that waits for a restart, a secret and what is not known are left.
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

/** Why a value is not taken: an empty text where nothing need be said of it, null where it is. */
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

/** Every value of a resource by its path: parts of property strings apart. */
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
