import { UsageError } from '../errors.ts';
import { nearest } from '../history/resource-name.ts';
import type { JsonValue } from '../model/state.ts';
import { quoted, quotedList } from '../text/cluster-text.ts';
import type { Written } from './setting.ts';

/** Whether a setting accepts a finding rather than a value of a field: `check=ide-disk`. */
export function isAboutCheck({ field }: Pick<Written, 'field'>): boolean {
  return /^(?:check|finding)$/i.test(field.trim());
}

/** The name of the check that is accepted. @throws UsageError for one that is none of `checks`, with near ones */
export function checkCalled(value: JsonValue, checks: readonly string[]): string {
  const name = String(value ?? '')
    .trim()
    .toLowerCase();
  if (checks.includes(name)) return name;
  const near = nearest(name, checks);
  throw new UsageError(`No check is called ${quoted(String(value ?? ''))}.`, {
    hint:
      near.length > 0 ? `Did you mean ${quotedList(near)}?` : 'check_health names the check of each finding.',
  });
}
