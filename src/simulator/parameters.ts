import { badParameters } from './api-error.ts';
import type { ParameterRule, Parameters } from './route.ts';

const vmidRule: ParameterRule = { type: 'integer', minimum: 100, maximum: 999_999_999 };

/**
 * Checks query and path parameters as PVE's JSON schema does.
 * @throws its 400, naming every bad one
 */
export function checkParameters(
  { rules, family }: Parameters,
  query: Record<string, string>,
  path: Record<string, string>,
): void {
  const errors: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    const rule = rules[name] ?? family?.(name);
    const problem =
      rule === undefined
        ? 'property is not defined in schema and the schema does not allow additional properties'
        : problemOf(rule, value);
    if (problem !== undefined) errors[name] = problem;
  }
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.required && query[name] === undefined)
      errors[name] = 'property is missing and it is not optional';
  }
  if (path.vmid !== undefined) {
    const problem = problemOf(vmidRule, path.vmid);
    if (problem !== undefined) errors.vmid = problem;
  }
  if (path.upid !== undefined && !/^UPID:[^:]+(:[0-9A-F]{8,9}){3}:[^:]+:[^:]*:[^:]+:$/.test(path.upid)) {
    errors.upid = 'unable to parse worker upid';
  }
  if (Object.keys(errors).length > 0) throw badParameters(errors);
}

function problemOf(rule: ParameterRule, value: string): string | undefined {
  if (rule.enum !== undefined && !rule.enum.includes(value)) {
    return `value '${value}' does not have a value in the enumeration '${rule.enum.join(', ')}'`;
  }
  if (rule.type === 'integer') {
    if (!/^-?\d+$/.test(value)) return `type check ('integer') failed - got '${value}'`;
    if (rule.minimum !== undefined && Number(value) < rule.minimum)
      return `value must have a minimum value of ${rule.minimum}`;
    if (rule.maximum !== undefined && Number(value) > rule.maximum)
      return `value must have a maximum value of ${rule.maximum}`;
  }
  if (rule.type === 'number' && !/^-?\d+(\.\d+)?$/.test(value))
    return `type check ('number') failed - got '${value}'`;
  if (rule.maxLength !== undefined && value.length > rule.maxLength)
    return `value may only be ${rule.maxLength} characters long`;
  if (rule.pattern !== undefined && !rule.pattern.test(value))
    return rule.complaint?.(value) ?? 'value does not match the regex pattern';
  if (rule.type === 'boolean' && !/^[01]$/.test(value))
    return `type check ('boolean') failed - got '${value}'`;
  return undefined;
}
