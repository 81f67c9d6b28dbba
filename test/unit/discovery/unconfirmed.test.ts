import { expect, test } from 'vitest';
import { openFacts } from '../../../src/discovery/common/unconfirmed.ts';
import { ourTime } from '../../../src/model/time.ts';

const [EARLIER, LAST] = [ourTime(1000), ourTime(2000)];
const SINCE = [undefined, null, EARLIER];

// Kills: a fact that is dated to a look that did not tell it, or that nobody has asked for marked as missing.
test.each(
  SINCE.flatMap(since =>
    [true, false].flatMap(told =>
      [true, false].flatMap(unread => [true, false].map(known => ({ since, told, unread, known }))),
    ),
  ),
)('a fact is open as of when it was last told: %o', ({ since, told, unread, known }) => {
  const before = since === undefined ? null : { cpus: since };
  const open = openFacts({ cpus: { told, unread, known } }, before, LAST);
  if (told || (since === undefined && !unread && !known)) expect(open).toBeNull();
  else expect(open).toEqual({ cpus: since === undefined ? (known ? LAST : null) : since });
});
