import { UsageError } from '../errors.ts';
import { nearest } from '../history/resource-name.ts';
import type { JsonValue } from '../model/state.ts';
import { quoted, quotedList } from '../text/cluster-text.ts';
import type { Written } from './setting.ts';

/** Whether a setting accepts a check's findings, rather than a field's value: `check=ide-disk`. */
export function isAboutCheck({ field }: Pick<Written, 'field'>): boolean {
  return /^(?:check|finding)$/i.test(field.trim());
}

/** The name of the accepted check. @throws UsageError for one not in `checks`, suggesting similar names */
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
