import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { reportConnection } from '../../../src/cli/connection-report.ts';
import { levelText } from '../../../src/cli/init/level-text.ts';
import { describeFailure } from '../../../src/cli/program.ts';
import { about, answer } from '../../../src/cli/render/answer.ts';
import { jsonLine } from '../../../src/cli/render/json.ts';
import { terminalText } from '../../../src/cli/render/terminal-text.ts';
import { storeStatusRow } from '../../../src/cli/store-status.ts';
import { reportText } from '../../../src/cli/test-connection.ts';
import { SchemaTooNewError } from '../../../src/database/errors.ts';
import { assertOurs, compareHistory, historyOf } from '../../../src/database/migrate/history.ts';
import { createLog } from '../../../src/log.ts';
import { endpoints, type ProxmoxClient } from '../../../src/proxmox/index.ts';
import { ProxmoxError } from '../../../src/proxmox/proxmox-error.ts';
import { refusal } from '../../../src/proxmox/refusal.ts';

/*
 * What the command line says, fed with every character that is not seen, in every place where a cluster, a store's file or
 * a server may put its own words.
 */

const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\u115f\u1160\u3164\uffa0]/u;
const ALL = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter(code => code < 0xd800 || code > 0xdfff)
  .map(code => String.fromCodePoint(code))
  .filter(character => UNSEEN.test(character));
/** Texts that hold each of them, between letters, a few dozen at a time, and what terminals obey. */
const HOSTILE = [
  ...Array.from({ length: Math.ceil(ALL.length / 40) }, (_, n) =>
    ALL.slice(n * 40, n * 40 + 40)
      .map((character, at) => `${String.fromCharCode(97 + (at % 26))}${character}`)
      .join(''),
  ),
  ...['x\u001b[2J\u001b[31my', 'x\u001b]0;title\u0007y', 'x\u009b2Jy', 'a\r\n✓ all is well', 'a\ud800b'],
];

/** Only our own line breaks; every line begins as one of ours does. */
function expectClean(text: string, lines: number | null = null): void {
  const found = [...text.replaceAll('\n', '')].filter(character => UNSEEN.test(character));
  expect(found.map(character => character.codePointAt(0)!.toString(16))).toEqual([]);
  expect(text.isWellFormed()).toBe(true);
  if (lines !== null) expect(text.trimEnd().split('\n')).toHaveLength(lines);
}

/** Every string in a value, keys too. */
function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]) => [key, ...stringsOf(child)]);
}

test('thousands of characters are not seen, and those of legitimate text are none of them', () => {
  expect(ALL.length).toBeGreaterThan(4_000);
  expect(terminalText('Größe 大阪 サーバー 서버 🚀 é\n\tx\u001b[1mbold\u001b[22m')).toBe(
    'Größe 大阪 サーバー 서버 🚀 é\n\tx\u001b[1mbold\u001b[22m',
  );
});

test('text of the cluster is clean in what test-connection and init print', async () => {
  for (const text of HOSTILE) {
    const client = {
      identity: 'mcp@pve!mpc',
      tls: { verifiedBy: 'none', validTo: text, subject: text, issuer: text, fingerprint: 'AA' },
      get: async (endpoint: unknown) => {
        if (endpoint === endpoints.access.version) return { version: text, release: text };
        if (endpoint === endpoints.access.permissions)
          return { '/': { [text]: 1, 'Sys.Audit': 1 }, [text]: { x: 1 } };
        if (endpoint === endpoints.cluster.status)
          return [{ type: 'cluster', name: text, quorate: true, nodes: 1 }];
        throw new ProxmoxError('server', `GET /x failed: 500 ${text}`, { hint: text });
      },
    } as unknown as ProxmoxClient;
    const report = await reportConnection('https://pve1:8006', client);
    const lines = 1 + report.findings.length + report.details.length;
    const next = report.findings.filter(finding => finding.next !== undefined).length;
    expectClean(reportText(report, true), lines + next);
    for (const one of stringsOf(JSON.parse(JSON.stringify(report)))) expectClean(one, 1);
    expectClean(levelText(report.held!, client.identity));
  }
});

test('text of a store is clean in what db status prints and refuses', async () => {
  const known = [{ name: '1_init', sql: '', down: null, checksum: 'x' }];
  for (const text of HOSTILE) {
    const rows = [
      { name: '1_init', checksum: 'x', finished: true },
      { name: text, checksum: text, finished: true },
    ];
    const history = compareHistory(known, rows);
    const error = (() => {
      try {
        assertOurs(history);
      } catch (thrown) {
        return thrown;
      }
      return null;
    })();
    expect(error).toBeInstanceOf(SchemaTooNewError);
    expectClean(describeFailure(error), 2);
    expect(() => historyOf(known, [text], [])).toThrow('another program');
    try {
      historyOf(known, [text], []);
    } catch (thrown) {
      expectClean(describeFailure(thrown), 2);
    }
    const row = await storeStatusRow(
      {
        provider: 'sqlite',
        at: '/x',
        engineVersion: text,
        latencyMs: 1,
        sizeBytes: 1,
        schema: 'current',
        migrations: { applied: [], pending: [text] },
        rows: { [text]: 1 },
        exposed: [{ path: text, may: 'read', mend: text }],
        lastRun: { id: 1, status: 'failed', startedAt: 0, finishedAt: 0, error: text },
      },
      'UTC',
    );
    expectClean(answer(row, 80));
  }
});

test('text of the cluster is clean in reports as JSON', () => {
  for (const text of HOSTILE)
    for (const one of stringsOf(JSON.parse(jsonLine({ name: text, [text]: [text, { deep: text }] }))))
      expectClean(one, 1);
  expect(jsonLine({ at: null, n: 1, list: ['Größe'] })).toBe('{"at":null,"n":1,"list":["Größe"]}\n');
});

test('text of the cluster is clean in failures, hints and the log', () => {
  for (const text of HOSTILE) {
    const error = refusal(
      `/nodes/${encodeURIComponent(text.toWellFormed())}/status`,
      { status: 500, reason: text, location: undefined, body: JSON.stringify({ errors: { [text]: text } }) },
      'mcp@pve!mpc',
    );
    expectClean(error.reason, 1);
    expectClean(describeFailure(error).replace(/\n/g, ''));
    expectClean(describeFailure(new Error(`fails: ${text}`, { cause: new Error(text) })), 1);
    expectClean(describeFailure(new ProxmoxError('server', text, { hint: `try ${text}` })));
    const lines: string[] = [];
    createLog('debug', line => lines.push(line)).debug(text, {
      reason: text,
      [text]: 1,
      deep: { x: [text] },
    });
    expectClean(lines.join(''), 1);
  }
});

test('text of the cluster is clean in answers at a terminal', () => {
  for (const text of HOSTILE) {
    const row = { vmid: 1, name: text, tags: [text], [text]: text };
    expectClean(
      stripVTControlCharacters(
        about({
          as_of: { [text]: text },
          source: text,
          stale: { since: text, reason: text },
          unseen: [{ what: text, since: text, reason: text }],
          hint: text,
          next_cursor: text,
        }),
      ),
      6,
    );
    expectClean(answer({ vms: [row, row], note: text, nested: { name: text } }, 60));
    expectClean(
      answer(
        {
          changes: [
            {
              resource: text,
              change: 'updated',
              at: text,
              fields: [{ path: text, from: text, to: null }],
              causes: [{ user: text, type: text, source: 'log' }],
            },
          ],
        },
        60,
      ),
    );
  }
});

test('whatever text is printed at a terminal is clean', () => {
  for (const text of HOSTILE) expectClean(stripVTControlCharacters(terminalText(text)).replaceAll('\t', ' '));
});

test('a failure is short, however long what failed says', () => {
  const long = 'x y'.repeat(100_000);
  expect(describeFailure(new ProxmoxError('server', long)).length).toBeLessThan(3_000);
  expect(describeFailure(new SchemaTooNewError([long])).length).toBeLessThan(3_000);
});
