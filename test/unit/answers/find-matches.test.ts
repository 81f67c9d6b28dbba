import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchGuest } from '../../../src/answers/search/matches.ts';
import { parseQuery } from '../../../src/answers/search/query.ts';
import type { GuestConfigEntity, GuestEntity } from '../../../src/model/entity.ts';
import { someOf } from '../../support/given.ts';
import { propertyRuns } from '../../support/soak.ts';

const guest = someOf<GuestEntity>({ type: 'vm', id: 1, name: null, tags: [], pool: null });
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', 'K', 'K', 'İ', 'ß', 'Σ', ' ', '"', '\\', '/', '\n', '1', ':') }),
);
const hex = fc.array(
  fc.nat(255).map(byte => byte.toString(16).padStart(2, '0').toUpperCase()),
  {
    minLength: 6,
    maxLength: 6,
  },
);
const address = fc.ipV4().map(ip => `${ip}/24`);

test('no configuration that matches is passed over by its text', () => {
  const numRuns = propertyRuns(1_000);
  let matched = 0;
  const property = fc.property(
    fc.record({
      note: text,
      bridge: text,
      mac: hex,
      ip: address,
      volume: text,
      part: fc.tuple(fc.nat(20), fc.nat(20)),
    }),
    fc.constantFrom('note', 'bridge', 'mac', 'macBare', 'ip', 'volume'),
    fc.boolean(),
    ({ note, bridge, mac, ip, volume, part }, from, upper) => {
      const config = {
        description: note,
        net0: { model: 'virtio', macaddr: mac.join(':'), bridge },
        ipconfig0: { ip },
        scsi0: { volume: `local:${volume}`, size: '32G' },
      };
      const whole = {
        note,
        bridge,
        mac: mac.join(':'),
        macBare: mac.join(''),
        ip,
        volume: `local:${volume}`,
      }[from];
      const asked = whole.slice(part[0] % (whole.length + 1), (part[0] % (whole.length + 1)) + 1 + part[1]);
      const input = upper ? asked.toUpperCase() : asked;
      if (input.trim() === '') return;
      const query = parseQuery(input);
      const entity = someOf<GuestConfigEntity>({ type: 'vm', id: 1, config, pending: {}, snapshots: {} });
      const matches = matchGuest(query, guest, entity).filter(match => match.source === 'config');
      if (matches.length === 0) return;
      matched += 1;
      expect(query.mayBeIn(JSON.stringify(config)), input).toBe(true);
    },
  );
  fc.assert(property, { numRuns });
  expect(matched).toBeGreaterThan(numRuns / 10);
});

test('a configuration that cannot match need not be parsed', () => {
  const json = JSON.stringify({ net0: { macaddr: 'BC:24:11:00:00:01', bridge: 'vmbr0' } });
  const may = (input: string) => parseQuery(input).mayBeIn(json);
  expect(['vmbr0', 'VMBR', 'bc:24:11', 'bc2411000001', '24-11-00', 'ä'].map(may)).toEqual(
    Array(6).fill(true),
  );
  expect(['vmbr1', 'bc:24:12', '10.0.0.1'].map(may)).toEqual([false, false, false]);
});
