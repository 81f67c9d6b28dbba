import { nearest } from '../../history/resource-name.ts';
import { GUEST_STATUS_WORDS } from '../../model/status.ts';

const NEAR_AT_MOST = 3;

/**
 * Fields that may be meant by a name that is none, the likeliest first: those that have it for a word (`used_gib` for `used`), then
 * those that begin with it, else those that are written nearly so. Also `status=running` for `running`,
 * and `!unprivileged` for `privileged`.
 */
export function nearFields(name: string, names: readonly string[]): string[] {
  const asked = name.toLowerCase();
  if (GUEST_STATUS_WORDS.includes(asked)) return [`status=${asked}`];
  if (names.includes(`un${asked}`)) return [`!un${asked}`];
  const having = names.filter(one => one.split(/[._-]/).includes(asked));
  const beginning = names.filter(one => one.startsWith(asked) && !having.includes(one));
  const likely = [...having, ...beginning];
  // Of two letters anything is nearly so.
  const near = likely.length > 0 || asked.length < 3 ? likely : nearest(asked, names, NEAR_AT_MOST);
  return near.slice(0, NEAR_AT_MOST);
}
