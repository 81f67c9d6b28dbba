import { describe, expect, test } from 'vitest';
import { changedText, fieldTouch } from '../../../src/answers/changes/by-field.ts';

describe('a field as people name it', () => {
  test.each([
    ['memory', ['config.memory', 'pending.memory'], ['memoryBytes', 'config.memory_x', 'unreachable']],
    ['config.memory', ['config.memory'], ['pending.memory']],
    ['RAM', ['config.memory'], ['config.balloon']],
    ['node', ['node'], ['nodes', 'unreachable']],
    ['net0', ['config.net0.tag', 'config.net0.bridge'], ['config.net01.tag', 'config.net1.tag']],
    ['net0.tag', ['config.net0.tag', 'pending.net0.tag'], ['config.net0.bridge']],
    ['vlan', ['config.net0.tag', 'config.net12.tag'], ['tags', 'config.net0.rate']],
    ['tag', ['tags'], ['config.net0.tag']],
    ['scsi*', ['config.scsi0.size', 'config.scsi1.volume', 'config.scsihw'], ['config.sata0.size']],
    ['snapshot', ['snapshots.before update'], ['config.snapshot']],
    ['', [], ['node', 'config.memory']],
  ])('"$0" means $1, not $2', (field, fits, others) => {
    const touches = fieldTouch(field);
    expect(fits.filter(path => !touches(path))).toEqual([]);
    expect(others.filter(touches)).toEqual([]);
  });

  test('a hint names the fields that did change, the most frequent first, all snapshots as one', () => {
    const step = (...paths: string[]) => ({ fields: paths.map(path => ({ path, from: null, to: 1 })) });
    expect(
      changedText([
        step('config.memory', 'status'),
        step('pending.memory'),
        step('snapshots.a'),
        step('snapshots.b', 'snapshots.c'),
      ]),
    ).toBe('What changed then: snapshots, memory, status.');
    expect(changedText([])).toBeUndefined();
  });
});
