import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fillPath, fillQuery } from '../../../src/proxmox/endpoint.ts';
import { allEndpoints, apiCoverageMarkdown, endpoints } from '../../../src/proxmox/index.ts';
import { refusal } from '../../../src/proxmox/refusal.ts';
import {
  type AnswerSchema,
  type Dropped,
  one,
  pveAmount,
  pveBoolean,
  pveBytes,
  pveString,
  pveUpid,
  pveWord,
  rows,
} from '../../../src/proxmox/schema.ts';
import { isCut, isUnread, isWhole } from '../../../src/proxmox/unread.ts';
import { Warnings, warningText } from '../../../src/proxmox/warnings.ts';
import { processorTime } from '../../support/processor-time.ts';

function read<T>(schema: AnswerSchema<T>, data: unknown): { value: T; dropped: Dropped[] } {
  const dropped: Dropped[] = [];
  return { value: schema.read(data, entry => dropped.push(entry)), dropped };
}

const UPID = 'UPID:pve1:0000057B:000500C7:6B00E8C2:qmcreate:108:root@pam!mcp:';

describe('values', () => {
  it('takes a UPID apart before it believes it', () => {
    expect(pveUpid.safeParse(UPID).success).toBe(true);
    for (const raw of ['UPID:x', `${UPID}x`, UPID.replace('108', '1'.repeat(600)), 7, null])
      expect(pveUpid.safeParse(raw).success, String(raw)).toBe(false);
  });

  it('reads numbers also from text, and nothing else', () => {
    for (const [raw, expected] of [
      [5, 5],
      ['2048', 2048],
      ['0.10', 0.1],
      ['1e3', 1000],
      [-0, 0],
    ] as const) {
      expect(pveAmount.parse(raw)).toBe(expected);
    }
    for (const raw of [
      '',
      ' ',
      'x',
      '1G',
      'Infinity',
      'NaN',
      'nan',
      Number.NaN,
      true,
      null,
      {},
      -1,
      '-0.5',
      2 ** 63,
    ])
      expect(pveAmount.safeParse(raw).success, String(raw)).toBe(false);
    for (const raw of [1.5, 2 ** 53, '1.5', -1])
      expect(pveBytes.safeParse(raw).success, String(raw)).toBe(false);
  });

  it('reads flags in every form PVE uses', () => {
    for (const raw of [1, '1', true, 'true', 'yes', 'On']) expect(pveBoolean.parse(raw)).toBe(true);
    for (const raw of [0, '0', '', false, 'FALSE', 'no', 'off']) expect(pveBoolean.parse(raw)).toBe(false);
    for (const raw of [2, 'maybe', null, {}]) expect(pveBoolean.safeParse(raw).success).toBe(false);
  });

  it('reads a name that Perl took for a number as text', () => {
    expect(pveString.parse(123)).toBe('123');
  });
});

describe('answers', () => {
  const row = z.looseObject({ id: pveString, size: pveAmount.optional() });

  it('keeps fields nobody declared and leaves absent ones absent', () => {
    expect(read(rows(row), [{ id: 'a', new: { x: [1] } }]).value).toEqual([{ id: 'a', new: { x: [1] } }]);
  });

  it('drops a bad field, not its row', () => {
    const { value, dropped } = read(rows(row), [
      { id: 'a', size: 'big', other: 1 },
      { id: 'b', size: '3' },
    ]);
    expect(value).toEqual([
      { id: 'a', other: 1 },
      { id: 'b', size: 3 },
    ]);
    expect(dropped).toEqual([{ what: 'field', row: 'a', reason: expect.stringContaining('size') }]);
  });

  it('drops a row without identity, not the list', () => {
    const { value, dropped } = read(rows(row), [{ id: {}, vmid: 7 }, null, 'x', [], { id: 'b' }]);
    expect(value).toEqual([{ id: 'b' }]);
    expect(dropped.map(entry => [entry.what, entry.row])).toEqual([
      ['row', '7'],
      ['row', undefined],
      ['row', undefined],
      ['row', undefined],
    ]);
  });

  it('reads any value as the declared type would alone', () => {
    const schema = z.looseObject({
      id: pveString,
      type: pveWord.optional(),
      size: pveAmount.optional(),
      shared: pveBoolean.optional(),
      parts: z.array(z.looseObject({ name: pveString, size: pveAmount.optional() })).optional(),
    });
    const any = fc.constantFrom<unknown>(
      'a',
      '1',
      '',
      0,
      1,
      2,
      1.5,
      -1,
      2 ** 64,
      true,
      null,
      [],
      {},
      [{}],
      [null],
    );
    const often = (usual: unknown) => fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, any);
    const part = fc.record({ name: often('p'), size: often(1) }, { requiredKeys: [] });
    const raw = fc.record(
      {
        ...{ id: often('a'), type: often('qemu'), size: often(5), shared: often(0), other: any },
        parts: fc.oneof(any, fc.array(fc.oneof(part, any))),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(raw, row => {
        const whole = schema.safeParse(structuredClone(row));
        const given = structuredClone([row, { id: 'other' }]);
        const { value, dropped } = read(rows(schema), given);
        if (whole.success) {
          expect(value[0]).toEqual(whole.data);
          expect(dropped).toEqual([]);
          return;
        }
        expect(dropped.length).toBeGreaterThan(0);
        expect(isWhole(value)).toBe(value.length === 2);
        for (const kept of value) {
          // What is left fits, and what does not is known as such.
          expect(schema.safeParse(structuredClone(kept)).success).toBe(true);
        }
        if (value.length < 2) return;
        for (const [name, type] of Object.entries(schema.shape)) {
          const field = row[name as keyof typeof row];
          const fits = field === undefined || name === 'parts' || type.safeParse(field).success;
          if (name !== 'parts') expect(isUnread(value[0]!, name)).toBe(!fits);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('costs time by the size of the answer, whatever is wrong with it', () => {
    const worst = (count: number) =>
      Array.from({ length: count }, () => ({ name: {}, 'ip-addresses': [{ prefix: 'x' }, null, 7] }));
    const warnings = new Warnings();
    const answer = worst(100_000);
    const reading = () => rows(endpoints.lxc.interfaces.answer.of).read(answer, d => warnings.add('/x', d));
    expect(processorTime(() => expect(reading).toThrow('no usable row'))).toBeLessThan(2_000);
    expect(warnings.take().length).toBeLessThan(10);
    const cut = read(
      rows(row, { atMost: 10 }),
      Array.from({ length: 20 }, (_, at) => ({ id: `${at}` })),
    );
    expect(cut.value).toHaveLength(10);
    expect(isCut(cut.value)).toBe(true);
    expect(cut.dropped).toEqual([
      { what: 'row', row: undefined, reason: 'only the first 10 of 20 rows were read' },
    ]);
  });

  it('fails where no row is usable: an empty list would say that everything is gone', () => {
    expect(() => read(rows(row), [{ name: 'x' }])).toThrow('no usable row');
    expect(() => read(rows(row), {})).toThrow('expected a list');
    expect(read(rows(row), []).value).toEqual([]);
  });

  it('fails where an object lacks what it must have', () => {
    expect(() => read(one(row), { size: 1 })).toThrow('id');
    expect(() => read(one(row), [])).toThrow();
    expect(read(one(row), { id: 'a', size: {} })).toMatchObject({
      value: { id: 'a' },
      dropped: [{ what: 'field' }],
    });
  });

  it('reads 10,000 rows of /cluster/resources quickly', () => {
    const list = Array.from({ length: 10_000 }, (_, at) => ({
      ...{
        id: `qemu/${at}`,
        type: 'qemu',
        vmid: at,
        node: 'pve1',
        name: `vm${at}`,
        status: 'running',
        tags: 'a;b',
      },
      ...{
        cpu: 0.01,
        maxcpu: 2,
        mem: 1e9,
        maxmem: 2e9,
        disk: 0,
        maxdisk: 3e9,
        uptime: 241,
        template: 0,
        pool: 'prod',
      },
      ...{ netin: 1, netout: 2, diskread: 3, diskwrite: 4, hastate: 'started', memhost: 1e9 },
    }));
    read(endpoints.cluster.resources.answer, list);
    const times = Array.from({ length: 5 }, () =>
      processorTime(() => read(endpoints.cluster.resources.answer, list)),
    );
    // Some 25 ms on an idle machine; the bound only catches a change of kind.
    expect(Math.min(...times)).toBeLessThan(250);
  });
});

describe('what is nested without end', () => {
  const nest = (open: string, levels: number): unknown =>
    JSON.parse(`${open.repeat(levels)}7${(open === '[' ? ']' : '}').repeat(levels)}`);
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  const row = z.object({ name: pveString, what: z.optional(z.unknown()) });

  it.each(['{"a":', '['])('is cut, said and noted where it was: %s', open => {
    for (const field of ['what', 'undeclared']) {
      const data = [{ name: 'flat' }, { name: 'deep', [field]: nest(open, 100_000) }];
      const { value, dropped } = read(rows(row), data);
      expect(value.map(({ name }) => name)).toEqual(['flat', 'deep']);
      expect(depthOf(value[1])).toBe(16);
      expect(dropped).toEqual([
        { what: 'field', row: 'deep', reason: `${field}: nested deeper than 16 levels` },
      ]);
      let at: unknown = (value[1] as Record<string, unknown>)[field];
      for (let level = 2; level < 16; level++) at = Object.values(at as object)[0];
      expect(open === '[' ? isWhole(at as unknown[]) : !isUnread(at as object, 'a')).toBe(false);
      expect(read(one(row), data[1]).dropped).toEqual([]);
    }
  });

  it('stays whole up to the deepest level that is kept', () => {
    for (const open of ['{"a":', '[']) {
      const data = { name: 'deep', what: nest(open, 15) };
      const { value, dropped } = read(one(row), structuredClone(data));
      expect([value, dropped]).toEqual([data, []]);
    }
  });
});

describe('recorded answers', () => {
  it.each<[string, AnswerSchema<unknown>, unknown]>([
    [
      'volume without parent',
      endpoints.storage.content.answer,
      [{ volid: 'local:100/a', parent: null, size: 0 }],
    ],
    ['running task', endpoints.tasks.ofNode.answer, [{ upid: UPID, saved: '0', starttime: 1 }]],
    ['agent interface without addresses', endpoints.qemu.interfaces.answer, { result: [{ name: 'veth0' }] }],
    [
      'container prefix',
      endpoints.lxc.interfaces.answer,
      [{ name: 'lo', 'ip-addresses': [{ prefix: '8' }] }],
    ],
    [
      'pressure',
      endpoints.lxc.status.answer,
      { status: 'running', pressurecpusome: '0.15', ha: { managed: 0 } },
    ],
    ['pending deletion', endpoints.qemu.pending.answer, [{ key: 'net1', value: 'x', delete: 1 }]],
    ['no rights', endpoints.access.permissions.answer, {}],
    ['config with lists', endpoints.lxc.config.answer, { lxc: [['lxc.cap', 'x']], memory: 256 }],
    [
      'guest of a dead node',
      endpoints.cluster.resources.answer,
      [{ id: 'qemu/1', type: 'qemu', status: 'unknown', pool: 'p' }],
    ],
  ])('reads a %s whole', (_, schema, data) => {
    expect(read(schema, data).dropped).toEqual([]);
  });
});

describe('paths', () => {
  it('encodes what goes into them', () => {
    const upid = 'UPID:pve1:0000057B:000500C7:6B00E8C2:qmcreate:108:root@pam!mcp:';
    expect(fillPath(endpoints.tasks.log.path, { node: 'pve1', upid })).toBe(
      '/nodes/pve1/tasks/UPID%3Apve1%3A0000057B%3A000500C7%3A6B00E8C2%3Aqmcreate%3A108%3Aroot%40pam!mcp%3A/log',
    );
    expect(fillPath('/nodes/{node}/status', { node: 'a/../b?c#d' })).toBe('/nodes/a%2F..%2Fb%3Fc%23d/status');
  });

  it('refuses what would lead elsewhere', () => {
    for (const node of ['', '.', '..'])
      expect(() => fillPath('/nodes/{node}/status', { node })).toThrow('node');
  });

  it('sends flags as 1 and 0 and leaves undefined out', () => {
    expect(fillQuery({ errors: true, source: 'all', limit: 0, x: undefined, y: false })).toBe(
      '?errors=1&source=all&limit=0&y=0',
    );
    expect(fillQuery({ x: undefined })).toBe('');
  });
});

describe('refusals', () => {
  const answer = (status: number, reason: string, body = '') => ({
    status,
    reason,
    location: undefined,
    body,
  });
  const of = (status: number, reason: string, body?: string) =>
    refusal('/nodes/pve2/qemu/100/config', answer(status, reason, body), 'root@pam!mpc');

  it.each<[number, string, string]>([
    [401, 'No ticket', 'unauthorized'],
    [403, 'Permission check failed (/vms/100, VM.Audit)', 'forbidden'],
    [400, 'Parameter verification failed.', 'bad-request'],
    [501, "Method 'GET /x' not implemented", 'not-implemented'],
    [500, "Configuration file 'nodes/pve2/qemu-server/100.conf' does not exist", 'not-found'],
    [500, "pool 'x' does not exist", 'not-found'],
    [500, "hostname lookup 'pve2' failed - failed to get address info", 'node-unreachable'],
    [500, "storage 'off' is disabled", 'server'],
    [500, 'No QEMU guest agent configured', 'server'],
    [595, 'Connection refused', 'node-unreachable'],
    [596, 'Connection timed out', 'node-unreachable'],
    [599, 'x', 'node-unreachable'],
    [503, 'Service Unavailable', 'server'],
    [302, 'Found', 'bad-answer'],
    [204, 'No Content', 'bad-answer'],
  ])('%d %s is %s', (status, reason, kind) => {
    expect(of(status, reason)).toMatchObject({ kind, code: `proxmox-${kind}`, status, reason, node: 'pve2' });
  });

  it('knows a missing task by its parameter error', () => {
    const error = of(
      400,
      'Parameter verification failed.',
      JSON.stringify({ data: null, errors: { upid: 'no such task' } }),
    );
    expect(error.kind).toBe('not-found');
    expect(error.errors).toEqual({ upid: 'no such task' });
    expect(error.message).toContain('upid: no such task');
  });

  it('names the missing privilege and how to grant it', () => {
    expect(of(403, 'Permission check failed (/vms/100, VM.Audit)').hint).toContain(
      "pveum acl modify /vms/100 --roles PVEAuditor --tokens 'root@pam!mpc'",
    );
    const syslog = of(403, 'Permission check failed (/, Sys.Syslog)').hint;
    expect(syslog).toContain('pveum role add MpcExtra --privs Sys.Syslog');
    expect(
      of(403, 'Permission check failed (/storage/a, Datastore.Audit|Datastore.AllocateSpace)').hint,
    ).toContain('Datastore.Audit or Datastore.AllocateSpace on /storage/a');
  });

  it('keeps text from outside to one bounded line', () => {
    const error = of(500, `a\u0000b\u2028c\u001b[31m${'x'.repeat(5000)}`);
    expect(error.message).toContain('a b c x');
    expect(error.message.length).toBeLessThan(700);
  });
});

describe('warnings', () => {
  it('counts equal ones together and stays bounded', () => {
    const warnings = new Warnings();
    for (let at = 0; at < 5000; at++) warnings.add('/x', { what: 'row', row: String(at), reason: 'same' });
    for (let at = 0; at < 5000; at++) warnings.add('/x', { what: 'row', row: 'r', reason: `reason ${at}` });
    const list = warnings.take();
    expect(list).toHaveLength(101);
    expect(warningText(list[0]!)).toBe(
      '/x: same (0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 4990 more); taken as not seen',
    );
    expect(warningText(list[100]!)).toBe(
      'further answers: parts could not be read, too (4901); taken as not seen',
    );
    expect(list[0]).toMatchObject({ endpoint: '/x', what: 'row', count: 5000, reason: 'same' });
    expect(list[0]?.rows).toHaveLength(10);
    expect(warnings.take()).toEqual([]);
  });
});

describe('API coverage', () => {
  it('is documented as declared', () => {
    const file = new URL('../../../docs/proxmox-api-coverage.md', import.meta.url);
    expect(readFileSync(file, 'utf8'), 'run: npm run docs').toBe(apiCoverageMarkdown());
  });

  it('declares each path once', () => {
    const paths = allEndpoints().map(({ endpoint }) => endpoint.path);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
