import type { Declaration, DeclaredFields, Selector } from '../model/declaration.ts';
import type { JsonValue } from '../model/state.ts';
import { shortPath } from './fields.ts';

/** The same declaration as lines of a declared file; `time` formats the ends of exceptions (ms) in ISO 8601. */
export function fileLines({ rules, exceptions }: Declaration, time: (ms: number) => string): string[] {
  return [
    ...(rules.length > 0 ? ['rules:'] : []),
    ...rules.flatMap(({ match, fields }) => [
      `  - match: ${flow(writtenMatch(match))}`,
      `    fields: ${flow(writtenFields(fields))}`,
    ]),
    ...(exceptions.length > 0 ? ['exceptions:'] : []),
    ...exceptions.map(({ match, path, value, owner, until, why }) => {
      const written = {
        match: writtenMatch(match),
        field: shortPath(path),
        value,
        owner,
        until: time(until),
        why,
      };
      return `  - ${flow(why === null ? { ...written, why: undefined } : written)}`;
    }),
  ];
}

/** A selector as people write it: a named resource as its name alone. */
function writtenMatch(match: Selector): string | Selector {
  return match.resource ?? match;
}

/** Declared fields by the names that people write. */
export function writtenFields(fields: DeclaredFields): DeclaredFields {
  return Object.fromEntries(Object.entries(fields).map(([path, value]) => [shortPath(path), value]));
}

/** A value in one line of YAML: plain words as they are, everything else as in JSON. */
function flow(value: JsonValue | object | undefined): string {
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries.map(([name, one]) => `${flow(name)}: ${flow(one)}`).join(', ')}}`;
}

/** Whether every version of YAML reads a word as text. */
function isPlain(text: string): boolean {
  return /^[A-Za-z_][\w./*+-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text);
}
