import { expect, test } from 'vitest';
import { shiftText, shiftValue } from '../../../src/app/demo/shift.ts';

const around = Date.UTC(2026, 10, 28, 4);
const shift = { around, by: 86_400_000 + 61_000 };
const seconds = around / 1000;
const hex = (value: number) => value.toString(16).toUpperCase();

test.each([
  [
    `UPID:pve2:00000C7F:4346F240:${hex(seconds)}:qmstart:108:alice@pve:`,
    `UPID:pve2:00000C7F:4346F240:${hex(seconds + 86_461)}:qmstart:108:alice@pve:`,
  ],
  [`a b ctime=${seconds - 9}`, `a b ctime=${seconds - 9 + 86_461}`],
  [`1:pve1:${seconds}`, `1:pve1:${seconds + 86_461}`],
  [
    'nas:backup/vzdump-lxc-204-2026_12_31-23_59_30.tar.zst',
    'nas:backup/vzdump-lxc-204-2027_01_02-00_00_31.tar.zst',
  ],
])('a time that Proxmox writes into a text moves: %s', (text, moved) => {
  expect(shiftText(text, shift)).toBe(moved);
});

test.each([
  '4294967295',
  'size 17951234567890',
  '1.7958392400',
  'vm 101',
  'VM.Audit',
  `0${seconds}`,
])('a text without a time of these days stays: %s', text => expect(shiftText(text, shift)).toBe(text));

test('in JSON times move, sizes and all other numbers do not', () => {
  const kept = { at: around, list: [{ from: around - 5_000, to: null }], snapshots: { before: around } };
  const by = shift.by;
  expect(shiftValue(kept, shift)).toEqual({
    at: around + by,
    list: [{ from: around - 5_000 + by, to: null }],
    snapshots: { before: around + by },
  });
  const others = {
    totalBytes: around,
    memory_usage: around,
    odd: around + 1,
    small: 5,
    far: 9e12,
    yes: true,
  };
  expect(shiftValue(others, shift)).toEqual(others);
});
