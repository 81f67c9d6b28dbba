import { UsageError } from '../errors.ts';
import { normaliseList, normaliseTags, normaliseValue } from '../history/normalise.ts';
import type { ConfigValue } from '../model/config/index.ts';
import type { DeclarableType, DeclaredFields } from '../model/declaration.ts';
import { readFlag } from '../model/flag.ts';
import type { JsonValue } from '../model/state.ts';
import { quoted } from '../text/cluster-text.ts';
import { maskText } from '../text/mask.ts';
import { type Field, fieldCalled, shortPath } from './fields.ts';

/** Lists of which single members may be declared. */
const MEMBER_LISTS: ReadonlySet<string> = new Set(['tags', 'content', 'nodes']);
/** Fields with booleans, where Proxmox's configurations have 0 and 1. */
const BOOLEANS: ReadonlySet<string> = new Set(['template', 'enabled', 'shared']);
const FORMS = 'memory=8192, net0.tag=20, tags+=prod, tags-=old, ide2=';

/** The longest value that may be declared (characters). */
const VALUE_AT_MOST = 8_192;

/** One setting as written: `tags+=prod` has the field `tags+`. */
export interface Written {
  field: string;
  value: JsonValue;
}

/** Splits `field=value`, `tags+=x`, `tags-=x` and `field=`. @throws UsageError for anything else */
export function splitSetting(text: string): Written {
  const match = /^\s*([A-Za-z][\w.-]*?)\s*([+-]?)=(.*)$/s.exec(text);
  if (match === null)
    throw new UsageError(`${quoted(text)} is not a setting.`, { hint: `Write field=value: ${FORMS}.` });
  const [, name = '', member = '', value = ''] = match;
  return { field: `${name}${member}`, value: value.trim() === '' ? null : value.trim() };
}

/**
 * The fields that a setting declares for these types of resource, in comparable form: one, or each part of a property string.
 * @throws UsageError for an unknown field, a value of the wrong type, and a secret
 */
export function readSetting(
  { field: written, value }: Written,
  types: readonly DeclarableType[],
): DeclaredFields {
  const member = /[+-]$/.exec(written.replace(/=$/, ''))?.[0];
  const name = written.replace(/[+-]?=?$/, '');
  const { field } = fieldCalled(name, types);
  if (member !== undefined) return { [`${field.path}${member}`]: membersOf(field, member, value) };
  if (value === null) return { [field.path]: absent(field) };
  if (typeof value === 'object' && !Array.isArray(value)) return partsOf(field, value, types);
  checkSecret(field, value);
  const key = field.path.replace(/^config\./, '');
  if (key === field.path || key.includes('.')) return { [field.path]: plainValue(field, value) };
  const normal = Array.isArray(value) ? value.join(';') : normaliseValue(key, value);
  if (typeof normal === 'object' && normal !== null && !Array.isArray(normal))
    return partsOf(field, normal, types);
  return { [field.path]: plainValue(field, normal) };
}

function partsOf(
  field: Field,
  parts: { [part: string]: JsonValue },
  types: readonly DeclarableType[],
): DeclaredFields {
  const all = Object.entries(parts).map(([part, value]) =>
    readSetting({ field: `${shortPath(field.path)}.${part}`, value }, types),
  );
  if (all.length === 0)
    throw new UsageError(`${shortPath(field.path)} has no parts to declare.`, {
      hint: `Write it as in ${FORMS}.`,
    });
  return Object.assign({}, ...all);
}

function absent(field: Field): null {
  if (!['name', 'status', 'node', 'template', 'enabled', 'shared'].includes(field.path)) return null;
  throw new UsageError(`${field.path} cannot be absent.`, { hint: `Give it a value: ${field.path}=...` });
}

function membersOf(field: Field, sign: string, value: JsonValue): string[] {
  if (!MEMBER_LISTS.has(field.path))
    throw new UsageError(`${shortPath(field.path)} is no list of which members can be declared.`, {
      hint: `Use ${shortPath(field.path)}=value; ${sign}= is for ${[...MEMBER_LISTS].join(', ')}.`,
    });
  const members = listOf(field, value ?? '');
  if (members.length > 0) return members;
  throw new UsageError(`${field.path}${sign}= names no member.`, {
    hint: `Write ${field.path}${sign}=prod.`,
  });
}

/** A value in the form of comparisons. @throws UsageError where it has the wrong type */
function plainValue(field: Field, value: JsonValue): JsonValue {
  const { kind } = field.value;
  if (MEMBER_LISTS.has(field.path)) return listOf(field, value);
  const text = Array.isArray(value) ? value.join(';') : String(value);
  if (text.length > VALUE_AT_MOST) throw wrong(field, text, `at most ${VALUE_AT_MOST} characters`);
  if (kind === 'flag') {
    const flag = readFlag(value);
    if (flag === undefined) throw wrong(field, text, '0 or 1');
    return BOOLEANS.has(field.path) ? flag : Number(flag);
  }
  if (kind === 'number') return numberOf(field, text);
  if (field.words !== undefined && !field.words.includes(text))
    throw wrong(field, text, field.words.join(' or '));
  // Only notes have several lines.
  const lines = field.path === 'config.description' ? text.replace(/[\n\t]/g, ' ') : text;
  if (/\p{Cc}/u.test(lines) || !text.isWellFormed()) throw wrong(field, text, 'text in one line');
  return typeof value === 'number' ? value : text;
}

const RANGES: { readonly [last: string]: readonly [number, number] } = {
  tag: [1, 4094],
  memory: [16, 4_194_304],
  cores: [1, 8192],
  sockets: [1, 8192],
  vcpus: [1, 8192],
  mtu: [1, 65_520],
};

function numberOf(field: Field, text: string): JsonValue {
  if (field.value.unit === 'GiB') {
    if (!/^\d+(?:\.\d+)?[KMGT]?$/.test(text)) throw wrong(field, text, 'a size such as 32G');
    return text;
  }
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) throw wrong(field, text, `a number${inUnit(field.value)}`);
  const last = field.path.slice(field.path.lastIndexOf('.') + 1);
  const [from, to] = Object.hasOwn(RANGES, last) ? RANGES[last]! : [0, Number.MAX_SAFE_INTEGER];
  const number = Number(text);
  if (number < from || number > to)
    throw wrong(field, text, `a number from ${from} to ${to}${inUnit(field.value)}`);
  return number;
}

function inUnit({ unit }: ConfigValue): string {
  return unit === undefined ? '' : ` (${unit})`;
}

function listOf(field: Field, value: JsonValue): string[] {
  const list = (field.path === 'tags' ? normaliseTags : normaliseList)(
    Array.isArray(value) ? value.join(',') : String(value),
  );
  const odd = list.find(one => !/^[A-Za-z0-9_][\w+.-]*$/.test(one));
  if (odd !== undefined) throw wrong(field, odd, 'words of letters, digits, _, -, + and .');
  return list;
}

function wrong(field: Field, value: string, wanted: string): UsageError {
  return new UsageError(`${shortPath(field.path)} cannot be ${quoted(value)}.`, {
    hint: `It takes ${wanted}.`,
  });
}

/** What would be shown with `(secret)` in it must not be stored here either. */
function checkSecret(field: Field, value: JsonValue): void {
  const text = String(value);
  if (typeof value !== 'string' || maskText(text) === text) return;
  throw new UsageError(`The value of ${shortPath(field.path)} looks like it holds a secret.`, {
    hint: 'What is declared is kept and shown in the clear: leave the secret out.',
  });
}
