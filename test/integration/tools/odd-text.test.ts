import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prompts } from '../../../prompts/index.ts';
import { resources } from '../../../resources/index.ts';
import { noLog } from '../../../src/log.ts';
import { createMcpServer } from '../../../src/mcp/server/server.ts';
import { tools } from '../../../tools/index.ts';
import { type PostgresServer, startPostgres } from '../../support/database-postgres.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';

/** What no name holds, and what is longer, larger or odder than any. */
const ODD = [
  ...['\0', 'web\0', '\ud800', 'a\udc00b', '\ufffe', '\u202e', "'; DROP TABLE vms; --", '%', '_', '\\'],
  ...['x'.repeat(500), 'x'.repeat(5_000), '😀'.repeat(251), '*'.repeat(400), `${'*a'.repeat(200)}b`],
  ...['999999999', '9999999999', '-1', '1e99', 'run:999999999999999', 'seq~zzzzzzzzzz', '100000 years ago'],
  ...['-271821-04-20T00:00Z', '+275760-09-13T00:00Z', '0000-01-01', '{}', '__proto__', 'vm/', 'vm/\0'],
];
/** Every second text on each engine, and so each on one of them; all on both in the soak. */
const halfOf = (texts: string[], engine: string, turn: number) =>
  texts.filter((_, at) => SOAK || (at + turn) % 2 === (engine === 'sqlite' ? 0 : 1));
/** In a URI: encoded as a client would, cut, and raw. */
const IN_URIS = ['%00', '%', '%ff', '%ED%A0%80', ...ODD.map(text => encodeURIComponent(text.toWellFormed()))];

const unhandled: unknown[] = [];
const hear = (error: unknown) => void unhandled.push(error);
beforeAll(() => void process.on('unhandledRejection', hear));
afterAll(() => void process.off('unhandledRejection', hear));

describe.each(['sqlite', 'postgresql'])('odd texts on %s', engine => {
  let server: PostgresServer | null = null;
  let lab: Lab;
  let client: Client;
  beforeAll(async () => {
    server = engine === 'postgresql' ? await startPostgres() : null;
    lab = await startLab({ guests: 12, ...(server && { databaseUrl: await server.createStore() }) });
    await lab.discover({ deep: true });
    const { runner } = lab;
    const options = { runner, resources, prompts, version: '0.0.0', timeZone: 'UTC', log: noLog };
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    client = new Client({ name: 'host\0\ud800', version: '1' });
    await Promise.all([createMcpServer(options).connect(ours), client.connect(theirs)]);
  });
  afterAll(async () => {
    await client.close();
    await lab.close();
    await server?.stop();
  });

  // Kills: U+0000 that reaches PostgreSQL, numbers beyond its columns, and a second rejection that nobody awaits.
  test.each(
    resources.filter(one => one.uri.includes('{')).map(one => one.uri),
  )('every URI of %s is read or refused', async template => {
    for (const odd of halfOf(IN_URIS, engine, 0)) {
      const uri = template.replace('{type}', 'vm').replace(/\{\w+\}/, odd);
      const refused = await client.readResource({ uri }).then(
        () => null,
        error => error as { code: number; message: string },
      );
      if (refused !== null) expect(refused, uri.slice(0, 80)).toMatchObject({ code: -32002 });
      await client.subscribeResource({ uri }).catch(error => expect(error.code, uri).toBe(-32602));
      const ref = { type: 'ref/resource', uri: template } as const;
      const [, name = ''] = /\{(\w+)\}/.exec(template) ?? [];
      await client.complete({ ref, argument: { name, value: decode(odd) } });
    }
  });

  let turn = 0;
  const takesText = tools.flatMap(({ name, input }) =>
    Object.keys(input)
      .filter(argument => !['limit', 'max_age_seconds', 'template', 'detail'].includes(argument))
      .map(argument => [name, argument] as const),
  );
  test.each(takesText)('%s answers or refuses any %s', async (name, argument) => {
    const needed = {
      get_resource: { resource: 'vm/100' },
      get_task: { upid: 'x' },
      find_resources: { query: 'x' },
    };
    for (const odd of halfOf(ODD, engine, turn++)) {
      const args = { ...needed[name as keyof typeof needed], max_age_seconds: 3_600, [argument]: odd };
      if (name === 'get_task') Reflect.deleteProperty(args, 'max_age_seconds');
      const before = process.threadCpuUsage().user;
      const result = await client.callTool({ name, arguments: args });
      const [said] = result.content as { text: string }[];
      if (result.isError)
        expect(said!.text, `${argument}=${odd.slice(0, 40)}`).not.toMatch(
          /database|internal(?!-error)|at Object|column/i,
        );
      const spent = (process.threadCpuUsage().user - before) / 1000;
      expect(spent, `${argument}=${odd.slice(0, 40)}`).toBeLessThan(5_000);
    }
  });

  test('nothing was left unawaited', () => expect(unhandled).toEqual([]));
});

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
