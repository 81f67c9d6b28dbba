import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldCalled, fieldOf, typesOf } from '../../../src/desired/fields.ts';
import { readSetting, splitSetting } from '../../../src/desired/setting.ts';
import { comparable, sameValue } from '../../../src/desired/value.ts';
import { UsageError } from '../../../src/errors.ts';
import { CONFIG_KEYS } from '../../../src/model/config/index.ts';
import { GUEST_TYPES, type GuestType } from '../../../src/model/resource.ts';
import { isSecretPath } from '../../../src/text/secret-words.ts';

const read = (text: string, types = [...GUEST_TYPES] as Parameters<typeof readSetting>[1]) =>
  readSetting(splitSetting(text), types);

/** Every field of a guest's configuration, by each of its names. */
const FIELDS = GUEST_TYPES.flatMap(type =>
  Object.entries(CONFIG_KEYS[type]).flatMap(([key, known]) => {
    const name = key.replace('*', '0');
    const parts = Object.entries(known.parts ?? {}).map(([part, value]) => ({
      type,
      name: `${name}.${part}`,
      value,
    }));
    return [...(known.parts ? [] : [{ type, name, value: known }]), ...parts];
  }),
).filter(({ name }) => !isSecretPath(`config.${name}`));

describe('settings', () => {
  it.each([
    ['memory=8192', { 'config.memory': 8192 }],
    ['config.memory = 8192', { 'config.memory': 8192 }],
    ['onboot=yes', { 'config.onboot': 1 }],
    ['net0.tag=20', { 'config.net0.tag': 20 }],
    [
      'net0=virtio=AA:BB:CC:DD:EE:FF,bridge=vmbr0',
      {
        'config.net0.model': 'virtio',
        'config.net0.macaddr': 'AA:BB:CC:DD:EE:FF',
        'config.net0.bridge': 'vmbr0',
      },
    ],
    ['cpu=host', { 'config.cpu.cputype': 'host' }],
    ['agent=1', { 'config.agent.enabled': 1 }],
    ['ide2=', { 'config.ide2': null }],
    ['tags+=prod', { 'tags+': ['prod'] }],
    ['tags-=old', { 'tags-': ['old'] }],
    ['tags=b;a', { tags: ['a', 'b'] }],
    ['hostname=web', { name: 'web' }],
    ['template=0', { template: false }],
    ['status=running', { status: 'running' }],
  ])('reads %s', (text, fields) => {
    expect(read(text)).toEqual(fields);
  });

  it('declares every field of the catalogue, and takes no value of another type', () => {
    const good = { flag: '1', number: '64', text: 'word', list: 'a', time: '1', span: '1', version: '1' };
    for (const { type, name, value } of FIELDS) {
      const text = value.unit === 'GiB' ? '32G' : good[value.kind];
      expect(Object.keys(read(`${name}=${text}`, [type])), name).toHaveLength(1);
      if (value.kind !== 'flag' && value.kind !== 'number') continue;
      expect(() => read(`${name}=many`, [type]), name).toThrow(UsageError);
      expect(() => read(`${name}=many`, [type]), name).toThrow(/cannot be "many"/);
    }
  });

  it.each([
    ['memroy=8192', /memory/],
    ['net0.tga=20', /net0\.tag/],
    ['tagz+=x', /tags/],
    ['uptime=5', /Declare configuration keys/],
    ['enabled=1', /type: storage/],
    ['cipassword=hunter22', /Leave it out/],
    ['memory', /field=value/],
    ['status=paused', /running or stopped/],
    ['net0.tag=5000', /from 1 to 4094/],
    ['name=', /Give it a value/],
    ['memory+=4', /tags/],
    ['tags+=', /tags\+=prod/],
    ['description=root password: Tr0ub4dor&3', /leave the secret out/],
  ])('refuses %s and says what to do', (text, hint) => {
    let refused: unknown;
    try {
      read(text);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as UsageError).hint).toMatch(hint);
    expect(String(refused)).not.toMatch(/hunter22|Tr0ub4dor/);
  });

  it('suggests a field for one wrong letter', () => {
    const long = FIELDS.filter(({ name }) => /^[a-z]{6,}$/.test(name));
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.nat(), ({ type, name }, n) => {
        const at = n % name.length;
        const typo = `${name.slice(0, at)}${name[at] === 'q' ? 'x' : 'q'}${name.slice(at + 1)}`;
        if (fieldOf(type, typo) !== undefined) return;
        expect(
          hintOf(() => fieldCalled(typo, [type])),
          typo,
        ).toContain(name);
      }),
    );
  });

  it('a value means the same in every form, and a default the same as none', () => {
    expect(sameValue('vm', 'config.memory', 8192, '8192')).toBe(true);
    expect(sameValue('vm', 'config.onboot', 0, null)).toBe(true);
    expect(sameValue('vm', 'config.onboot', 1, null)).toBe(false);
    expect(sameValue('vm', 'config.scsi0.size', '32G', '32768M')).toBe(true);
    expect(sameValue('vm', 'tags', ['a', 'b'], ['b', 'a'])).toBe(true);
    expect(comparable('vm', 'config.agent.enabled', null)).toBe(false);
  });

  it('knows of which types a selector speaks', () => {
    expect(typesOf({ resource: 'vm/101' })).toEqual(['vm']);
    expect(typesOf({ type: 'storage' })).toEqual(['storage']);
    expect(typesOf({})).toEqual(GUEST_TYPES satisfies readonly GuestType[]);
  });
});

function hintOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as UsageError).hint ?? '';
  }
  return '';
}
