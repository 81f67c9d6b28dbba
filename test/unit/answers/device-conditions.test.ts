import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEVICE_ELEMENTS } from '../../../src/answers/guests/elements.ts';
import { guestBook } from '../../../src/answers/guests/fields.ts';
import type { GuestFacts } from '../../../src/answers/guests/sources.ts';
import { meetsAll } from '../../../src/answers/where/bind.ts';
import { FITTING } from '../../../src/answers/where/compare.ts';
import { valuesOf } from '../../../src/answers/where/field.ts';
import { comparedIn, whyNone } from '../../../src/answers/where/none.ts';
import { readQuestion } from '../../../src/answers/where/question.ts';
import { devicesIn, wantedDevices } from '../../../src/database/repositories/device-texts.ts';
import { CONFIG_KEYS } from '../../../src/model/config/index.ts';
import { GUEST_TYPES } from '../../../src/model/resource.ts';
import type { GuestConfig } from '../../../src/model/state.ts';
import { propertyRuns } from '../../support/soak.ts';

const NOW = Date.UTC(2026, 0, 1);
const clock = { now: NOW, timeZone: 'UTC' };
const book = guestBook(GUEST_TYPES);

/** Values as configurations have them, and texts that look like keys and parts of the JSON they stand in. */
const value = fc.oneof(
  fc.constantFrom<string | number>(0, 1, 20, '32G', '1T', 'disk', 'cdrom', 'none', 'vmbr0', '/dev/sdb:1'),
  fc.constantFrom(
    'nas:vm-9-disk-0',
    'local:9/vm-9-disk-0.raw',
    'nas:vm-9-cloudinit',
    'local:iso/a.iso',
    'nas:',
    ':a',
  ),
  fc.constantFrom(
    '","tag":20,"',
    '{"net0":{"tag":20}}',
    '"media":"cdrom"',
    'a\\',
    '\\"',
    '}',
    '{',
    'a"cloudinit:b',
  ),
  fc.string({ maxLength: 6 }),
);
const someParts = [...new Set(DEVICE_ELEMENTS.flatMap(({ parts }) => parts))];
const device = fc.oneof(
  value,
  fc.dictionary(
    fc.constantFrom('size', 'media', 'volume', 'tag', 'bridge', 'macaddr', 'hwaddr', ...someParts),
    value,
    {
      maxKeys: 6,
    },
  ),
);
const buses = [...new Set(DEVICE_ELEMENTS.flatMap(({ keys = [] }) => keys))].map(key => key.replace('*', ''));
const key = fc.oneof(
  fc.tuple(fc.constantFrom(...buses), fc.constantFrom('', '0', '1', '31')).map(parts => parts.join('')),
  fc.constantFrom('onboot', 'description', 'xnet0', 'a"net0', 'memory'),
);
/** As Proxmox has them: plain keys have no parts, and only a USB device has one that is called as a device. */
const config: fc.Arbitrary<GuestConfig> = fc.dictionary(key, device, { maxKeys: 8 }).map(raw =>
  Object.fromEntries(
    Object.entries(raw).map(([name, set]) => {
      if (typeof set !== 'object') return [name, set];
      if (!buses.includes(name.replace(/\d+$/, ''))) return [name, 1];
      const { usb3, ...parts } = set;
      return [name, name.startsWith('usb') && usb3 !== undefined ? { ...parts, usb3 } : parts];
    }),
  ),
);

/** Questions about a part of a device, each with an operator and a value that fit it. */
const asked = fc
  .constantFrom(
    ...DEVICE_ELEMENTS.flatMap(({ name, parts, part }) => parts.map(one => ({ name, part: part(one)! }))),
  )
  .chain(({ name, part }) => {
    const values = {
      number: ['20', '32'],
      flag: ['1', '0'],
      list: ['20', '1'],
      text: ['nas', 'local', '20', 'vmbr0', 'ide'],
    };
    const fitting = values[part.kind as keyof typeof values] ?? ['1'];
    const compared = fc
      .tuple(fc.constantFrom(...FITTING[part.kind]), fc.constantFrom(...fitting))
      .map(([operator, wanted]) => `${part.name}${operator}${wanted}`);
    const one = fc.oneof(
      compared,
      fc.constantFrom(part.name, `!${part.name}`, `${part.name}=`, `${part.name}!=`),
    );
    return fc.tuple(one, fc.boolean(), fc.boolean()).map(([condition, inBrackets, not]) => {
      const text = inBrackets ? `${name}(${condition})` : `${name}.${condition.replace(/^!/, '')}`;
      return not ? `!${text}` : text;
    });
  });
const about = fc.oneof(
  { weight: 8, arbitrary: asked },
  fc.constantFrom(
    ...DEVICE_ELEMENTS.flatMap(({ name }) => [name, `!${name}`, `${name}=`, `${name}s>1`, `!${name}s=0`]),
  ),
);

/** What the store reads of these configurations for a question; nothing where no key can hold what is asked for. */
function inPart(configs: readonly GuestConfig[], keys: readonly string[] | undefined): GuestConfig[] {
  expect(keys).toBeDefined();
  const wanted = wantedDevices(keys!);
  return wanted === null
    ? configs.map(() => ({}))
    : devicesIn(
        configs.map(one => JSON.stringify(one)),
        wanted,
      );
}

function factsOf(type: (typeof GUEST_TYPES)[number], read: GuestConfig): GuestFacts {
  return { type, vmid: 100, config: { config: read, pending: null, snapshots: {} } };
}

it('says why nothing meets a condition by all values there are, not by those that it looked at', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...GUEST_TYPES),
      fc.array(config, { maxLength: 4 }),
      about,
      (type, configs, where) => {
        const { where: bound } = readQuestion({ where: [where] }, book, clock, false);
        const group = bound.flatMap(({ condition }) => comparedIn(condition));
        const read = inPart(
          configs,
          readQuestion({ where: [where], group }, book, clock, false).choosing.keys,
        );
        const why = (facts: GuestConfig[]) =>
          whyNone(
            bound,
            facts.map(one => factsOf(type, one)),
            book,
            'UTC',
          );
        expect([where, why(read)]).toEqual([where, why(configs)]);
      },
    ),
    { numRuns: propertyRuns(200) },
  );
});

it('has no part that is called as a device, but of that device', () => {
  const families = new RegExp(`^(${buses.filter(bus => bus !== 'rootfs').join('|')})\\d{1,3}$`);
  const called = GUEST_TYPES.flatMap(type =>
    Object.entries(CONFIG_KEYS[type]).flatMap(([name, { parts = {} }]) =>
      Object.keys(parts)
        .filter(part => families.test(part) || part === 'rootfs')
        .map(part => `${name}.${part}`),
    ),
  );
  expect(called).toEqual(['usb*.usb3']);
});

it('tells of every device what a whole configuration tells, though just what a question looks at is read', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...GUEST_TYPES),
      fc.array(config, { maxLength: 4 }),
      fc.array(about, { minLength: 1, maxLength: 2 }),
      (type, configs, where) => {
        const question = readQuestion({ where }, book, clock, false);
        const read = inPart(configs, question.choosing.keys);
        expect(read).toHaveLength(configs.length);
        for (const [at, whole] of configs.entries()) {
          const part = read[at]!;
          expect([where, meetsAll(question.where, factsOf(type, part))]).toEqual([
            where,
            meetsAll(question.where, factsOf(type, whole)),
          ]);
        }
      },
    ),
    { numRuns: propertyRuns(400) },
  );
});

it('tells the values that guests are grouped by in the same way', () => {
  const columns = DEVICE_ELEMENTS.flatMap(({ name, parts }) => [
    name,
    ...parts.map(part => `${name}.${part}`),
  ]);
  fc.assert(
    fc.property(
      fc.constantFrom(...GUEST_TYPES),
      fc.array(config, { maxLength: 4 }),
      fc.constantFrom(...columns),
      (type, configs, column) => {
        const { group, choosing } = readQuestion({ group: [column] }, book, clock, false);
        const read = inPart(configs, choosing.keys);
        const [{ named }] = group as [NonNullable<typeof group>[number]];
        for (const [at, whole] of configs.entries())
          expect([column, valuesOf(named, factsOf(type, read[at]!))]).toEqual([
            column,
            valuesOf(named, factsOf(type, whole)),
          ]);
      },
    ),
    { numRuns: propertyRuns(200) },
  );
});
