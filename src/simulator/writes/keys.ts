import { ApiError, badParameters } from '../api-error.ts';
import type { ApiRequest, ParameterRule, Parameters } from '../route.ts';
import type { ConfigValue } from '../types.ts';

/** A config key or family of keys. */
export interface KeyRule extends ParameterRule {
  /** One of these on the guest is needed to set, delete or revert it; if empty, any that admits the call is enough. */
  needs: readonly string[];
  /** A further privilege on another path. */
  also?: { on: string; privilege: string };
  /** A running guest always accepts it immediately. */
  live?: true;
  /** Stored as a string, though it is a number. */
  text?: true;
}

/** Keys by name or pattern; the first match applies. */
export type KeyTable = readonly (readonly [RegExp, KeyRule])[];

/** A write to a config. */
export interface ConfigEdit {
  /** In the order sent. */
  remove: string[];
  revert: string[];
  set: Record<string, ConfigValue>;
  digest: string | undefined;
  /** With `remove`: destroys a disk instead of detaching it. */
  force: boolean;
}

const writeOptions: Record<string, ParameterRule> = {
  delete: {},
  revert: {},
  digest: { maxLength: 40 },
};

/** The rule of a key; undefined if PVE does not know it. */
export function ruleOf(keys: KeyTable, name: string): KeyRule | undefined {
  return keys.find(([pattern]) => pattern.test(name))?.[1];
}

/** The parameters of PUT and POST for a config. */
export function configParameters(keys: KeyTable, others: Record<string, ParameterRule>): Parameters {
  return {
    rules: { ...writeOptions, ...others },
    family: name => ruleOf(keys, name),
  };
}

/**
 * Parses a request.
 * @throws 400 for unknown names and keys both set and deleted, 500 if there is nothing to do
 */
export function readEdit(keys: KeyTable, body: Record<string, string>): ConfigEdit {
  const edit: ConfigEdit = {
    remove: namesIn(keys, 'delete', body.delete),
    revert: namesIn(keys, 'revert', body.revert),
    set: {},
    digest: body.digest === '' ? undefined : body.digest,
    force: body.force === '1',
  };
  for (const [name, value] of Object.entries(body)) {
    const rule = ruleOf(keys, name);
    if (rule === undefined) continue;
    for (const list of ['remove', 'revert'] as const) {
      const option = list === 'remove' ? 'delete' : 'revert';
      if (edit[list].includes(name))
        throw badParameters({
          [option]: `you can't use '-${name}' and -${option} ${name}' at the same time`,
        });
    }
    if (value === '') edit.remove.push(name);
    else edit.set[name] = stored(rule, value);
  }
  if (edit.remove.length + edit.revert.length + Object.keys(edit.set).length === 0)
    throw new ApiError(500, 'no options specified');
  return edit;
}

function namesIn(keys: KeyTable, option: string, list: string | undefined): string[] {
  const names = (list ?? '').split(/[,;\s]+/).filter(name => name !== '');
  for (const name of names)
    if (ruleOf(keys, name) === undefined) throw badParameters({ [option]: `unknown option '${name}'` });
  return names;
}

function stored(rule: KeyRule, value: string): ConfigValue {
  return rule.type !== undefined && !rule.text ? Number(value) : value;
}

/** @throws 403 unless one of the privileges is held */
export function need({ account }: ApiRequest, path: string, ...privileges: string[]): void {
  if (!account.rights.has(path, ...privileges))
    throw new ApiError(403, `Permission check failed (${path}, ${privileges.join('|')})`);
}

/** @throws 403 for the first key of an edit that the account may not change; this refuses the whole request */
export function checkKeyRights(request: ApiRequest, keys: KeyTable, edit: ConfigEdit): void {
  const guest = `/vms/${request.path.vmid}`;
  for (const name of [...Object.keys(edit.set), ...edit.remove].sort()) {
    const rule = ruleOf(keys, name)!;
    if (rule.needs.length > 0) need(request, guest, ...rule.needs);
    if (rule.also !== undefined) need(request, rule.also.on, rule.also.privilege);
  }
}
