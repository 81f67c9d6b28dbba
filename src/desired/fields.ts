import { UsageError } from '../errors.ts';
import { nearest } from '../history/resource-name.ts';
import { CONFIG_KEYS, type ConfigValue, configKey } from '../model/config/index.ts';
import type { DeclarableType } from '../model/declaration.ts';
import { GUEST_TYPES, type GuestType, isGuestType } from '../model/resource.ts';
import { quoted, quotedList } from '../text/cluster-text.ts';
import { isSecretPath } from '../text/secret-words.ts';

/** What is known of a field whose value may be declared. */
export interface Field {
  /** The path as in changes: `config.net0.tag`, `tags`, `enabled`. */
  path: string;
  value: ConfigValue;
  /** The only values allowed. */
  words?: readonly string[];
}

const GUEST_FIELDS: { readonly [name: string]: Omit<Field, 'path'> } = {
  name: { value: { kind: 'text' } },
  tags: { value: { kind: 'list' } },
  pool: { value: { kind: 'text' } },
  template: { value: { kind: 'flag', default: 0 } },
  node: { value: { kind: 'text' } },
  status: { value: { kind: 'text' }, words: ['running', 'stopped'] },
  ha: { value: { kind: 'text' }, words: ['started', 'stopped', 'disabled', 'ignored'] },
};

const STORAGE_FIELDS: { readonly [name: string]: Omit<Field, 'path'> } = {
  enabled: { value: { kind: 'flag', default: 1 } },
  content: { value: { kind: 'list' } },
  nodes: { value: { kind: 'list' } },
  shared: { value: { kind: 'flag', default: 0 } },
};

const OTHER_NAMES: { readonly [name: string]: string } = { hostname: 'name', host: 'node' };

/** Storage options that other fields cover, or that lead to secrets. */
const NO_OPTION = /^(?:password|keyring|master-pubkey|encryption-key|type|disable)$/;

/**
 * The field of this type of resource with this name: `memory`, `config.memory`, `net0.tag`, `options.path`. Undefined where there
 * is none.
 */
export function fieldOf(type: DeclarableType, called: string): Field | undefined {
  const name = Object.hasOwn(OTHER_NAMES, called) ? OTHER_NAMES[called]! : called;
  if (!isGuestType(type)) {
    if (Object.hasOwn(STORAGE_FIELDS, name)) return { path: name, ...STORAGE_FIELDS[name]! };
    const option = /^options\.([a-z][\w-]{0,60})$/.exec(name)?.[1];
    return option === undefined || NO_OPTION.test(option)
      ? undefined
      : { path: name, value: { kind: 'text' } };
  }
  if (Object.hasOwn(GUEST_FIELDS, name)) return { path: name, ...GUEST_FIELDS[name]! };
  return configField(type, name.replace(/^config\./, ''));
}

function configField(type: GuestType, name: string): Field | undefined {
  const [key = '', ...rest] = name.split('.');
  const known = configKey(type, key);
  if (known === undefined || rest.length > 1) return undefined;
  const [part] = rest;
  if (part === undefined) return { path: `config.${key}`, value: known };
  if (known.parts === undefined || !Object.hasOwn(known.parts, part)) return undefined;
  return { path: `config.${key}.${part}`, value: known.parts[part]! };
}

/** The kind of a declared value at this path: that of a part, or of a key's default part. */
export function valueAt(type: DeclarableType, path: string): ConfigValue | undefined {
  const known = VALUES[type].get(path);
  if (known !== undefined) return known;
  const value = fieldOf(type, path)?.value;
  if (value !== undefined && VALUES[type].size < VALUES_AT_MOST) VALUES[type].set(path, value);
  return value;
}

/** Results of earlier lookups, since a comparison repeats them for every guest. */
const VALUES: Readonly<Record<DeclarableType, Map<string, ConfigValue>>> = {
  vm: new Map(),
  container: new Map(),
  storage: new Map(),
};
const VALUES_AT_MOST = 5_000;

/** The path as people write it: `memory` for `config.memory`. */
export function shortPath(path: string): string {
  return path.replace(/^config\./, '');
}

/**
 * The field with this name for any of these types of resource, and the types that have it.
 * @throws UsageError with similar names where none has it, and for secrets
 */
export function fieldCalled(
  called: string,
  types: readonly DeclarableType[],
): { field: Field; types: DeclarableType[] } {
  const name = called.trim();
  if (isSecretPath(`config.${name.replace(/^config\./, '')}`))
    throw new UsageError(`${quoted(name)} holds a secret: nobody can compare it, so it cannot be declared.`, {
      hint: 'Leave it out; secrets are set by hand.',
    });
  const found = types.flatMap(type => {
    const field = fieldOf(type, name);
    return field === undefined ? [] : [{ type, field }];
  });
  if (found.length > 0) return { field: found[0]!.field, types: found.map(({ type }) => type) };
  throw unknownField(name, types);
}

/** Fields that people ask about and nobody sets. */
const OBSERVED =
  /^(?:config\.)?(?:digest|parent|lock|snapshots?|started_at|uptime|cpu_percent|unreachable|unreachable_reasons|meta|pending)(?:\.|$)/;

function unknownField(name: string, types: readonly DeclarableType[]): UsageError {
  const others = (['vm', 'container', 'storage'] as const).filter(
    type => !types.includes(type) && fieldOf(type, name) !== undefined,
  );
  if (others.length > 0)
    return new UsageError(
      `${quoted(name)} is a field of ${others.join(' and ')}, not of ${types.join(' or ')}.`,
      {
        hint: `Select with type: ${others[0]}, or name one.`,
      },
    );
  if (OBSERVED.test(name))
    return new UsageError(`${quoted(name)} is observed, not set: it cannot be declared.`, {
      hint: 'Declare configuration keys, tags, name, pool, status or node.',
    });
  const near = nearest(name.replace(/^config\./, ''), names(types, name));
  return new UsageError(`No field is called ${quoted(name)}.`, {
    hint:
      near.length > 0
        ? `Did you mean ${quotedList(near)}?`
        : 'get_resource shows the fields of a resource; config.memory and memory are the same.',
  });
}

function names(types: readonly DeclarableType[], asked: string): string[] {
  const number = /\d+/.exec(asked)?.[0] ?? '0';
  return types.flatMap(type => {
    if (!isGuestType(type)) return Object.keys(STORAGE_FIELDS);
    const keys = Object.entries(CONFIG_KEYS[type]).flatMap(([key, { parts }]) => {
      const name = key.replace('*', number);
      return [name, ...Object.keys(parts ?? {}).map(part => `${name}.${part}`)];
    });
    return [...Object.keys(GUEST_FIELDS), ...keys];
  });
}

/** The types of resource that a selector can apply to. */
export function typesOf({
  type,
  resource,
}: {
  type?: DeclarableType;
  resource?: string;
}): readonly DeclarableType[] {
  if (type !== undefined) return [type];
  const named = resource?.split('/')[0];
  return named === 'vm' || named === 'container' || named === 'storage' ? [named] : GUEST_TYPES;
}
