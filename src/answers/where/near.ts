import { nearest } from '../../history/resource-name.ts';
import { GUEST_STATUS_WORDS } from '../../model/status.ts';

const NEAR_AT_MOST = 3;

/**
 * Fields that an unknown name may mean, the likeliest first: those that contain it as a word (`used_gib` for `used`), then those
 * that begin with it, or else those with a similar spelling. Also `status=running` for `running`, and `!unprivileged` for
 * `privileged`.
 */
export function nearFields(name: string, names: readonly string[]): string[] {
  const asked = name.toLowerCase();
  if (GUEST_STATUS_WORDS.includes(asked)) return [`status=${asked}`];
  if (names.includes(`un${asked}`)) return [`!un${asked}`];
  const having = names.filter(one => one.split(/[._-]/).includes(asked));
  const beginning = names.filter(one => one.startsWith(asked) && !having.includes(one));
  const likely = [...having, ...beginning];
  // Too many names are similar to one of two letters.
  const near = likely.length > 0 || asked.length < 3 ? likely : nearest(asked, names, NEAR_AT_MOST);
  return near.slice(0, NEAR_AT_MOST);
}
