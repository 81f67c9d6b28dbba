import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guestVersion } from '../../../src/discovery/common/versions.ts';
import type { GuestConfigEntity } from '../../../src/model/entity.ts';
import type { GuestReading } from '../../../src/model/observation.ts';
import { nodeTime, ourTime } from '../../../src/model/time.ts';
import { aGuest } from '../../support/database-fixtures.ts';
import { someOf } from '../../support/given.ts';

const KEYS = ['cores', 'memory', 'net0', 'description', 'onboot'];
const values = fc.dictionary(fc.constantFrom(...KEYS), fc.integer({ min: 1, max: 9 }));

// Kills: what could not be read of whoever has a VMID now filled from whoever had it before, and then told as a change.
test('a life that begins has nothing of the one before, whatever could not be read of it', () => {
  fc.assert(
    fc.property(
      values,
      values,
      fc.uniqueArray(fc.constantFrom(...KEYS)),
      fc.constantFrom<('pending' | 'snapshots')[]>([], ['pending'], ['snapshots'], ['pending', 'snapshots']),
      fc.boolean(),
      (config, former, unread, refused, isNew) => {
        const told = Object.fromEntries(Object.entries(config).filter(([key]) => !unread.includes(key)));
        const reading = someOf<GuestReading>({
          ...{ type: 'vm', id: 101, config: told, readAt: 2 },
          pending: refused.includes('pending') ? undefined : {},
          snapshots: refused.includes('snapshots') ? undefined : {},
          unread: { keys: new Set(unread), shortConfig: false, shortSnapshots: false },
        });
        const stored = { config: former, pending: { cores: 9 }, snapshots: { old: nodeTime(1) } };
        const before = isNew ? null : aGuest(101);
        const change = isNew ? 'created' : 'updated';
        const windows = { fields: [], windowAfter: ourTime(1), windowBefore: ourTime(2) };
        const { state } = guestVersion(
          { change, before, after: aGuest(101), reading, ...windows },
          'config',
          someOf<GuestConfigEntity>(stored),
        );
        const stands = Object.fromEntries(Object.entries(former).filter(([key]) => unread.includes(key)));
        // Null is what nobody could read yet.
        const open = Object.fromEntries(unread.map(key => [key, null]));
        expect(state['config']).toEqual(isNew ? { ...told, ...open } : { ...told, ...stands });
        expect(Object.keys(state['snapshots'] ?? {})).toEqual(
          !isNew && refused.includes('snapshots') ? ['old'] : [],
        );
        if (isNew) expect(Object.values(state['pending'] ?? {}).filter(one => one !== null)).toEqual([]);
      },
    ),
  );
});
