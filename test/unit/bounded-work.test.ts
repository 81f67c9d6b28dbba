import { describe, expect, test } from 'vitest';
import { resources } from '../../resources/index.ts';
import { clusterText, plainWord, stateValue } from '../../src/answers/format/text.ts';
import { bootDiskBytes } from '../../src/answers/guests/sizes.ts';
import { parseQuery } from '../../src/answers/search/query.ts';
import { logParts } from '../../src/answers/tasks/log.ts';
import { parseConditions } from '../../src/answers/where/grammar.ts';
import { terminalText } from '../../src/cli/render/terminal-text.ts';
import { readDeclaredFile } from '../../src/desired/file.ts';
import { readSelector } from '../../src/desired/selector.ts';
import { readSetting, splitSetting } from '../../src/desired/setting.ts';
import { untilOf } from '../../src/desired/until.ts';
import { lifeOf } from '../../src/discovery/common/identity.ts';
import { longestPauseDays } from '../../src/health/backup-jobs.ts';
import { parseLogEdit } from '../../src/history/log-edits.ts';
import { redactLog, shortLog } from '../../src/history/log-text.ts';
import { parseMoment } from '../../src/history/moment.ts';
import { namePattern } from '../../src/history/name-pattern.ts';
import { normaliseList, normaliseTags, normaliseValue } from '../../src/history/normalise.ts';
import { nearest, parseResourceName } from '../../src/history/resource-name.ts';
import { withoutNulls } from '../../src/mcp/runner/results.ts';
import { resourceFinder } from '../../src/mcp/server/resource-uris.ts';
import { parsePropertyString } from '../../src/model/property-string.ts';
import { parseUpid } from '../../src/model/upid.ts';
import { code, sentence } from '../../src/pages/markdown-text.ts';
import { parseBaseUrl } from '../../src/proxmox/base-url.ts';
import { oneLine } from '../../src/proxmox/proxmox-error.ts';
import { refusal } from '../../src/proxmox/refusal.ts';
import { checkQuery } from '../../src/sql/check.ts';
import { processorTime } from '../support/processor-time.ts';
import { SOAK, times } from '../support/soak.ts';

/** What reads text of people or of the cluster. What it throws does not matter here. */
const READERS: { [name: string]: (text: string) => unknown } = {
  clusterText,
  'clusterText, all of it': text => clusterText(text, text.length),
  plainWord,
  stateValue: text => stateValue('config.description', text),
  redactLog,
  shortLog,
  parseMoment: text => parseMoment(text, { now: Date.UTC(2026, 10, 20), timeZone: 'UTC', edge: 'end' }),
  parseResourceName,
  nearest: text =>
    nearest(
      text,
      Array.from({ length: 200 }, (_, n) => `web-${n}.example`),
    ),
  parseUpid,
  'conditions of where': parseConditions,
  'a setting': text =>
    [splitSetting(text), { field: 'net0', value: text }].map(one => readSetting(one, ['vm', 'container'])),
  'a selector': text => readSelector({ name: text, tag: text, resource: text }),
  SQL: checkQuery,
  'an edit in the log': parseLogEdit,
  'a line of a log': text => logParts({ total: 1, lines: [{ number: 1, text }] }, 20),
  'a declared file': text => readDeclaredFile(text, { file: 'declared.yaml', timeZone: 'UTC', checks: [] }),
  'a day': text => untilOf(text, 'UTC'),
  'a schedule of backups': longestPauseDays,
  'text in Markdown': text => `${code(text, text.length)}${sentence(text, text.length)}`,
  'text at a terminal': terminalText,
  parseBaseUrl,
  oneLine,
  'a refusal': text =>
    refusal(
      '/nodes',
      { status: 403, reason: '', location: undefined, body: JSON.stringify({ message: text }) },
      'mpc@pve!mpc',
    ),
  lifeOf: text => lifeOf({ smbios1: text, vmgenid: text, meta: text }),
  'a network card': text => parsePropertyString('net0', text),
  'a disk': text => normaliseValue('scsi0', text),
  'the size of a disk': text => bootDiskBytes({ rootfs: { size: text } }),
  normaliseTags,
  normaliseList,
  'a result': withoutNulls,
  'a URI': text => resourceFinder(resources)(`proxmox://history/${text}`),
  'a pattern': text => namePattern(text)(text.replaceAll('*', 'a')),
  'a pattern on a long name': text => namePattern('*a*a*a*a*a*a*a*a*b')(text),
  'a query': parseQuery,
  'a query on a long name': text => parseQuery('*a*a*a*a*a*a*a*a*b').matchesName(text),
  'a query on a long configuration': text => parseQuery('aa:aa:aa:aa:aa:aa').mayBeIn(text),
  'a long query on itself': text => parseQuery(text).mayBeIn(text),
};

/** What makes a backtracking matcher try again from everywhere: runs of what a part may take, and an end that does not fit. */
const UNITS = [
  ...[
    'a',
    '1',
    ' ',
    '*',
    '*a',
    ':',
    '::',
    '/',
    '(/',
    '.',
    '-',
    '=',
    ',',
    '<',
    '{',
    '\\',
    '"',
    '\u00a0',
    '\0',
  ],
  ...['a ', 'a.', 'a@', 'a@b!c=', '1.', '1:', 'a:', 'aa-', '-----BEGIN ', '-----BEGIN PRIVATE KEY-----'],
  ...['password ', 'password=', 'password="', ' -password ', 'token is ', 'http://', 'http://a:', 'bearer '],
  ...['\u001b[', '\u001b]', '<a', '</', 'last ', 'vm/', 'vm ', 'UPID:', 'update VM ', 'list_vms {', '%00'],
];
const ENDS = ['', '!', '\n', 'b', '\ud800'];
/** Length of the longest texts. */
const LONG = times(10_000, 20_000);

/** The least of three calls where the first took longer than `bound` ms: others use the machine meanwhile. */
function cost(work: () => unknown, bound = 0): number {
  const once = () =>
    processorTime(() => {
      // A refusal is an answer.
      try {
        work();
      } catch {}
    });
  const first = once();
  return first < bound ? first : Math.min(first, once(), once());
}

// A regex or loop whose steps grow with the square of a text, or worse, is found: four times the text may take four times
// as long, and a square of so many steps cannot hide in 60 ms.
describe.each(Object.entries(READERS))('%s', (_, read) => {
  test('takes time in proportion to its text, whatever that holds', () => {
    for (const [at, unit] of UNITS.entries()) {
      for (const end of SOAK ? ENDS : [ENDS[at % ENDS.length]!]) {
        const text = (length: number) => unit.repeat(Math.ceil(length / unit.length)) + end;
        // What is exponential must not get to the long ones.
        const small = cost(() => read(text(64)), 50);
        expect(small, `${JSON.stringify(unit)} x 64, ${JSON.stringify(end)}`).toBeLessThan(50);
        const [short, long] = [text(LONG / 4), text(LONG)];
        const lasts = cost(() => read(long), 60);
        if (lasts < 60) continue;
        // Ten times over: processor time may be counted in steps of several milliseconds.
        const lastsShort = cost(() => {
          for (let n = 0; n < 10; n++) read(short);
        });
        const ratio = lasts / (lastsShort / 10);
        expect(ratio, `${JSON.stringify(unit)} x n, ${JSON.stringify(end)}: ${lasts} ms`).toBeLessThan(10);
      }
    }
  }, 60_000);
});
