import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Reason, reasonKey } from '../../../src/model/reason.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where words of others are what there is to go by, and why. */
const READERS: { [file: string]: string } = {
  'src/proxmox/refusal.ts': 'PVE tells a missing guest from any other failure by its words alone',
  'src/proxmox/operations/refusal.ts': 'PVE tells why it refused a write by its words alone',
  'src/proxmox/failure.ts': 'a TLS library tells its failure in words',
  'src/proxmox/read-value.ts': 'puts the path of a value before the words about it',
  'src/database/translate-error.ts': 'a driver tells some of its failures in words',
  'src/database/sqlite/restore.ts': 'names the file where the words do not',
  'src/cli/render/findings.ts': 'shows a moment once where the words hold it already',
  'src/errors.ts': 'leaves out a cause that the words hold already',
  'src/history/log-edits.ts': "a line of the cluster's log is data",
};

const NAME = String.raw`(?:[\w.!?]*\.)?(?:\w*[rR]eason|message|silent|statusUnread|what)[!?]*`;
const READ = new RegExp(
  [
    String.raw`\b${NAME}(?:\?)?\.(?:startsWith|endsWith|includes|indexOf|match|matchAll|search)\(`,
    String.raw`\.(?:test|exec)\(${NAME}\)`,
    String.raw`\b(?:\w*[rR]eason|message|what)[!?]* ?[!=]== ?['"\x60]`,
    String.raw`\b(?:reason|unseen)Text\([^)]*\)\s*(?:\.(?!padEnd)|[!=]==)`,
  ].join('|'),
);

function readersOf(source: string): string[] {
  return source.split('\n').filter(line => READ.test(line) && !/^\s*(?:\/\/|\*|\/\*)/.test(line));
}

test('no decision reads a message: what a reason means is its code', () => {
  const files = ['src', 'tools', 'resources', 'prompts'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts') && !path.includes('generated') && !path.startsWith('simulator'))
      .map(path => `${folder}/${path}`),
  );
  const found = files
    .filter(file => READERS[file] === undefined)
    .flatMap(file =>
      readersOf(readFileSync(join(ROOT, file), 'utf8')).map(line => `${file}: ${line.trim()}`),
    );
  expect(found, 'Give the reason a code in src/model/reason.ts and decide by that.').toEqual([]);
  const idle = Object.keys(READERS).filter(
    file => readersOf(readFileSync(join(ROOT, file), 'utf8')).length === 0,
  );
  expect(idle, 'These read no message any more: take them off the list.').toEqual([]);
});

test.each([
  `absence => absence.reason.startsWith('the listing was incomplete')`,
  `known.unseenReason === 'node pve1 is off'`,
  `guest.unseenReason?.includes('does not report')`,
  `/incomplete/.test(absence.reason)`,
  `reasonText(one.reason) === other`,
  `error.message.match(/x/)`,
  `one.what !== 'locks'`,
  `hidden.names(unseenText(what)) || unseenText(what).includes(name)`,
])('%s would be found', line => {
  expect(readersOf(line)).toEqual([line]);
});

test('reasons with the same code and facts are the same, in whatever order the facts stand', () => {
  const facts = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([name]) => name });
  fc.assert(
    fc.property(facts, facts, (some, others) => {
      const key = (pairs: [string, string][]) =>
        reasonKey(Object.fromEntries([['code', 'other'], ...pairs]) as Reason);
      expect(key([...some].reverse())).toBe(key(some));
      const plain = (pairs: [string, string][]) =>
        JSON.stringify(Object.entries(Object.fromEntries([['code', 'other'], ...pairs])).sort());
      expect(key(some) === key(others)).toBe(plain(some) === plain(others));
    }),
  );
});
