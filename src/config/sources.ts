import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { holdsPassword } from '../database/options.ts';
import { errorCode, UsageError } from '../errors.ts';
import { withoutUserinfo } from '../proxmox/base-url.ts';
import { quoted } from '../text/cluster-text.ts';
import { expandHome } from './formats.ts';
import type { OptionDefinition } from './option.ts';
import { ENV_FILE, OPTION_LIST, OPTIONS, type Options, type OptionValues } from './options.ts';

/** The sources of options: flags by their names, the environment, a file of variables. */
export interface Sources {
  flags: { [flag: string]: unknown };
  env: NodeJS.ProcessEnv;
}

/** The values of all options that are set, and what is wrong with the invalid ones. */
export function readOptions({ flags, env }: Sources): { values: OptionValues; faults: string[] } {
  const file = envFile(flags[ENV_FILE.flag]);
  const values: { [name: string]: unknown } = {};
  const faults: string[] = [];
  for (const [name, definition] of Object.entries(OPTIONS) as [string, OptionDefinition][]) {
    const found = find(definition, [flags, env, file]);
    if (found === null) continue;
    const result = definition.schema.safeParse(found.value);
    const partial = definition !== OPTIONS.password && /\$\{[^}]*\}/.test(found.value);
    if (found.from.startsWith('--') && definition === OPTIONS.databaseUrl && holdsPassword(found.value))
      faults.push(PASSWORD_SHOWN);
    else if (partial) faults.push(faultOf(definition, found, 'holds a variable that nothing has expanded'));
    else if (result.success) values[name] = result.data;
    else faults.push(faultOf(definition, found, result.error.issues[0]?.message ?? 'cannot be used'));
  }
  return { values: values as OptionValues, faults };
}

/** The options that are set, as written, by name, including those that `readOptions` would refuse. */
export function writtenOptions({ flags, env }: Sources): { [Name in keyof Options]?: string } {
  const file = envFile(flags[ENV_FILE.flag]);
  const found = Object.entries(OPTIONS).flatMap(([name, definition]) => {
    const { value } = find(definition, [flags, env, file]) ?? {};
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}

/** Whether a file of variables sets a secret one. */
function holdsSecret(file: NodeJS.ProcessEnv): boolean {
  const secrets = OPTION_LIST.filter(({ secret }) => secret);
  return secrets.some(({ env }) =>
    env.some(name => isSet(file[name]) && (name !== 'DATABASE_URL' || holdsPassword(file[name]!))),
  );
}

/** Why an address with a password is accepted only from a file or variable. */
const PASSWORD_SHOWN =
  '--database-url holds a password, which other users of this machine can read on a command line: write the address into a ' +
  'file only you can read and set DATABASE_URL_FILE to that, or set DATABASE_URL.';

/** The files that secrets are read from, as absolute paths, which nobody else should be able to read. */
export function secretFiles({ flags, env }: Sources): string[] {
  const file = envFile(flags[ENV_FILE.flag]);
  const named = OPTION_LIST.filter(definition => definition.secretFile).flatMap(
    definition => find(definition, [flags, env, file])?.value ?? [],
  );
  const all = holdsSecret(file) ? [String(flags[ENV_FILE.flag]), ...named] : named;
  return all.map(path => resolve(expandHome(path)));
}

interface Found {
  /** The name the person used: `--url` or `PROXMOX_URL`. */
  from: string;
  value: string;
}

function find(
  definition: OptionDefinition,
  [flags, ...variables]: [flags: { [name: string]: unknown }, ...variables: NodeJS.ProcessEnv[]],
): Found | null {
  const { flag } = definition;
  if (flag !== undefined && isSet(flags[flag]))
    return { from: `--${flag}`, value: String(flags[flag]).trim() };
  for (const name of definition.env) {
    for (const source of variables) {
      const value = source[name];
      if (isSet(value))
        return { from: name, value: definition.secret ? String(value) : String(value).trim() };
    }
  }
  return null;
}

/** Hosts pass on `${PROXMOX_URL}` unchanged if the variable is not set. */
function isSet(value: unknown): boolean {
  return value !== undefined && !/^\s*(?:\$\{[^}]*\}\s*)?$/.test(String(value));
}

function faultOf(definition: OptionDefinition, { from, value }: Found, fault: string): string {
  const plain = withoutUserinfo(value);
  const shown = definition.secret ? '' : ` ${quoted(plain, 100)}`;
  const [words] = fault.split('\n') as [string];
  const example = from.startsWith('--') ? `${from} ${definition.example}` : `${from}=${definition.example}`;
  return `${from}${words.includes(plain) ? '' : shown}: ${words.replace(/\.$/, '')}. Example: ${example}`;
}

/** The environment, completed by the variables of `--env-file`. @throws UsageError if the file cannot be read */
export function wholeEnvironment({ flags, env }: Sources): NodeJS.ProcessEnv {
  return { ...envFile(flags[ENV_FILE.flag]), ...env };
}

/** The variables of `--env-file`. @throws UsageError if it cannot be read */
function envFile(path: unknown): NodeJS.ProcessEnv {
  if (typeof path !== 'string') return {};
  try {
    return parseEnv(readFileSync(expandHome(path), 'utf8')) as NodeJS.ProcessEnv;
  } catch (error) {
    const code = errorCode(error);
    throw new UsageError(`--env-file "${path}" cannot be read (${code}).`, {
      hint: `Name a file with one NAME=value a line. Example: --env-file ${ENV_FILE.example}`,
    });
  }
}
