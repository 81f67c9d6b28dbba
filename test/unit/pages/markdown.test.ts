import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReportFacts } from '../../../src/pages/facts.ts';
import { reportMarkdown } from '../../../src/pages/markdown.ts';
import { code, sentence } from '../../../src/pages/markdown-text.ts';
import { HOSTILE, madeUp } from '../../browser/facts.ts';

const runs = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300) };
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '`',
        '\\',
        '|',
        '\n',
        '](x)',
        '![',
        '<b>',
        '@all',
        '#12',
        'https://a.b',
        'www.a.b',
        ' ',
        'a',
      ),
    )
    .map(parts => parts.join('')),
);

describe('text of the cluster', () => {
  test('cannot leave a code span or its cell of a table, whatever it is', () => {
    fc.assert(
      fc.property(texts, text => {
        const span = code(text);
        if (span === '') return;
        expect(span).toMatch(/^`[^`\n\r]+`$/);
        expect(span.replaceAll('\\\\', '').replaceAll('\\|', '')).not.toMatch(/[\\|]/);
        expect(span.length).toBeLessThan(140);
      }),
      runs,
    );
  });

  test('becomes no markup, link, mention or reference in a sentence', () => {
    fc.assert(
      fc.property(texts, text => {
        const told = sentence(text);
        expect(told).not.toMatch(/[\n\r]/);
        expect(told.replace(/\\[\\`*_[\]<>|~&{}]/g, '')).not.toMatch(/[\\`*[\]<>|~&{}]|(?<![\p{L}\p{N}])_/u);
        expect(told).not.toMatch(/https?:\/\/|www\.\p{L}|(?<![\p{L}\p{N}_])[@#!$%/][\p{L}\p{N}_]/iu);
      }),
      runs,
    );
    expect(sentence('Its note is "@all see #12 at https://evil.example"')).toBe(
      'Its note is "@\u2060all see #\u206012 at https:\u2060//\u2060evil.example"',
    );
    expect(sentence('get_task tells, _all_ of it')).toBe('get_task tells, \\_all\\_ of it');
    expect(sentence('Write to ann@pve, 50 % of a/b')).toBe('Write to ann@pve, 50 % of a/b');
  });
});

describe('a report for a ticket', () => {
  test('tells the newest changes with authors, failed tasks, what is wrong and what drifted', () => {
    const text = reportMarkdown(madeUp(40, 400));
    expect(text).toMatch(
      /^<!-- proxmox-mpc report -->\n\n# `prod-west`: 2026-10-29 20:00 to 2026-11-28 20:00\n/,
    );
    expect(text).toContain(
      '**400 changes, 6 failed tasks, 1 critical finding, 1 warning, 1 drifted**. Times in Europe/Berlin',
    );
    expect(text).toContain('> Not seen: ');
    expect(text.split('\n').filter(line => / \| updated `/.test(line)).length).toBeGreaterThan(20);
    expect(text).toContain('And 360 more.');
    expect(text).toContain(
      '- **critical** node-offline: `node/pve3`: The node does not answer; 14 guests ran there when it was last seen. → Look at',
    );
    expect(text).toContain('| `vm/104 web-4` | `memory_mib` | `4096` | `16` | drifted |');
    expect(text).not.toContain('snapshot-old');
  });

  test('says that nobody watched before history starts: nothing recorded is not nothing done', () => {
    const facts = madeUp(1, 0);
    const start = { ...facts.timeline, history: [], history_starts_at: facts.to };
    expect(reportMarkdown({ ...facts, timeline: start })).toContain(
      '> History starts 2026-11-28 20:00: before that nobody watched.',
    );
    expect(reportMarkdown(facts)).not.toContain('History starts');
  });

  test('names everybody of a change by several, and nobody where nobody is named', () => {
    const facts = madeUp(1, 0);
    const change = { resource: 'vm/1', change: 'updated', at: facts.to };
    const history = [
      { ...change, causes: [{ user: 'ann@pve' }, { user: 'bob@pve' }] },
      { ...change, causes: [] },
    ];
    const text = reportMarkdown({ ...facts, timeline: { ...facts.timeline, history } });
    expect(text).toContain('| `ann@pve`, `bob@pve` |');
    expect(text).toContain('| nobody named |');
  });

  test('stays short and harmless whatever the cluster calls its things, and however much there is', () => {
    const facts = JSON.parse(
      JSON.stringify(madeUp(2_000, 5_000)).replaceAll('web-', `${'long'.repeat(90)}@all](x) `),
    ) as ReportFacts;
    const many = Array.from({ length: 500 }, (_, at) => ({
      ...facts.findings.rows[0]!,
      check: `check-${at}`,
      what: HOSTILE.repeat(9),
      resource: HOSTILE,
    }));
    const text = reportMarkdown({
      ...facts,
      cluster: HOSTILE,
      findings: { ...facts.findings, rows: many, total: 500 },
    });
    expect(text.length).toBeLessThan(31_000);
    expect(text).toContain('(cut here: too long for a ticket)');
    const outside = text
      .replace(/^<!-- proxmox-mpc report -->/, '')
      .replace(/`[^`\n]+`/g, '')
      .replace(/\\./g, '');
    expect(outside).not.toMatch(/[<[\]]|javascript:alert\(3\)<|(?<!\w)@\w/);
  });
});
