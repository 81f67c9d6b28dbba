import type { SqlDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils';
import { describe, expect, it } from 'vitest';
import { nonRetaining } from '../../../src/database/session/non-retaining-adapter.ts';
import { defineTable, int, json, nullable } from '../../../src/database/sql/columns.ts';
import { withParameter } from '../../../src/database/sql/large-parameters.ts';
import { decodeRows } from '../../../src/database/sql/rows.ts';
import { garbage } from '../../support/given.ts';

interface Thing {
  id: number;
  state: unknown;
  extra: unknown;
}
const things = defineTable<Thing>({
  model: 'note',
  name: 'things',
  key: ['id'],
  columns: { id: int(), state: json(), extra: nullable(json()) },
});
const rows = () => [
  { r: '[1]', j0: '{"cores":4}', j1: null },
  { r: '[2]', j0: 'null', j1: '[1]' },
];

describe('JSON that is parsed when read', () => {
  it('looks like JSON parsed at once, to copies and comparisons too', () => {
    const lazy = decodeRows(things, rows(), 'parse when read');
    expect(lazy).toEqual(decodeRows(things, rows(), 'text'));
    expect(lazy.map(thing => ({ ...thing }))).toEqual([
      { id: 1, state: { cores: 4 }, extra: null },
      { id: 2, state: null, extra: [1] },
    ]);
    expect(JSON.stringify(lazy[0])).toBe('{"id":1,"state":{"cores":4},"extra":null}');
    expect(Object.keys(lazy[0]!)).toEqual(['id', 'state', 'extra']);
  });

  it('is parsed once, and gives way to what is written', () => {
    const [first, second] = decodeRows(things, rows(), 'parse when read') as [Thing, Thing];
    expect(first.state).toBe(first.state);
    first.state = 'written';
    second.extra = 'before it was read';
    expect([first, second]).toEqual([
      { id: 1, state: 'written', extra: null },
      { id: 2, state: null, extra: 'before it was read' },
    ]);
  });

  it('is left alone until then', () => {
    const [broken] = decodeRows(things, [{ r: '[1]', j0: '{', j1: null }], 'parse when read');
    expect(broken!.id).toBe(1);
    expect(() => broken!.state).toThrow(SyntaxError);
  });

  it('shares its functions between rows, which then share a hidden class', () => {
    const accessors = decodeRows(things, rows(), 'parse when read').map(
      thing => Object.getOwnPropertyDescriptor(thing, 'state')!,
    );
    expect(accessors[0]!.get).toBeTypeOf('function');
    expect(accessors[0]).toEqual(accessors[1]);
    expect(accessors[0]!.get).toBe(accessors[1]!.get);
  });
});

describe('a large text handed over beside the client', () => {
  /** An adapter that notes the values it is given as they are while a query runs. */
  async function noting() {
    const given: unknown[][] = [];
    const note = async (query: SqlQuery) => {
      given.push([...query.args]);
      return 0;
    };
    const factory = garbage<SqlDriverAdapterFactory>({
      connect: async () => ({ executeRaw: note, queryRaw: note, startTransaction: note }),
    });
    return { given, adapter: await nonRetaining(factory).connect() };
  }
  const query = (...args: unknown[]): SqlQuery => ({ sql: '', args, argTypes: [] });

  it('reaches the adapter in place of its ticket, which is all the client holds', async () => {
    const { given, adapter } = await noting();
    const asked = await withParameter('a large text', async ticket => {
      const ofClient = query(ticket, 7, 'another');
      await adapter.executeRaw(ofClient);
      return ofClient;
    });
    expect(given).toEqual([['a large text', 7, 'another']]);
    expect(asked.args).not.toContain('a large text');
  });

  it('is let go of when its work is done, also when that fails', async () => {
    const { given, adapter } = await noting();
    let ticket = '';
    const failing = withParameter('a large text', async given => {
      ticket = given;
      throw new Error('busy');
    });
    await expect(failing).rejects.toThrow('busy');
    await adapter.executeRaw(query(ticket));
    expect(given).toEqual([[ticket]]);
  });

  it('is not mistaken for another under way', async () => {
    const { given, adapter } = await noting();
    await withParameter('one', one => withParameter('two', two => adapter.queryRaw(query(two, one))));
    expect(given).toEqual([['two', 'one']]);
  });
});
