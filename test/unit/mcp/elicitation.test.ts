import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  type ClientCapabilities,
  ElicitRequestSchema,
  type ElicitResult,
} from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { ANSWER_WITHIN_MS, personBehind } from '../../../src/mcp/server/elicitation.ts';
import { garbage } from '../../support/given.ts';

const QUESTION = { plan: 'p-7f3k9', text: 'Plan p-7f3k9: one change.' };

async function dialog(capabilities: ClientCapabilities, answer?: () => ElicitResult | Promise<ElicitResult>) {
  const server = new Server({ name: 'ours', version: '1' });
  const client = new Client({ name: 'theirs', version: '1' }, { capabilities });
  const shown: unknown[] = [];
  if (answer !== undefined)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      shown.push(params);
      return answer();
    });
  const [a, b] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(a), client.connect(b)]);
  const gone = new AbortController();
  return { person: (withinMs?: number) => personBehind(server, gone.signal, withinMs), shown, gone, client };
}

test.each<[ElicitResult, string]>([
  [{ action: 'accept' }, 'yes'],
  [{ action: 'accept', content: {} }, 'yes'],
  [{ action: 'decline' }, 'no'],
  [{ action: 'cancel' }, 'no'],
  [{ action: 'decline', content: { approve: true } }, 'no'],
])('a dialog that ends with %o is a %s', async (result, means) => {
  const { person, shown } = await dialog({ elicitation: {} }, () => result);
  expect(await person()!.ask(QUESTION)).toBe(means);
  expect(shown).toEqual([{ message: QUESTION.text, requestedSchema: { type: 'object', properties: {} } }]);
});

test('a minute without an answer is none, and an answer that comes later is no answer', async () => {
  expect(ANSWER_WITHIN_MS).toBe(60_000);
  const late = Promise.withResolvers<ElicitResult>();
  const { person } = await dialog({ elicitation: { form: {} } }, () => late.promise);
  const asked = person(20)!.ask(QUESTION);
  expect(await asked).toBe('silence');
  late.resolve({ action: 'accept' });
  expect(await asked).toBe('silence');
});

test('a client that goes away, fails, or answers what is no answer has not said yes', async () => {
  const silent = new Promise<ElicitResult>(() => {});
  const aborted = await dialog({ elicitation: {} }, () => silent);
  const asked = aborted.person()!.ask(QUESTION);
  aborted.gone.abort();
  expect(await asked).toBe('silence');
  const left = await dialog({ elicitation: {} }, () => silent);
  const waiting = left.person()!.ask(QUESTION);
  await left.client.close();
  expect(await waiting).toBe('silence');
  const odd = await dialog({ elicitation: {} }, () => garbage<ElicitResult>({ action: 'yes' }));
  expect(await odd.person()!.ask(QUESTION)).toBe('silence');
});

test('nobody is asked where the client has not said that it shows dialogs', async () => {
  expect((await dialog({})).person()).toBeUndefined();
  expect((await dialog({ elicitation: { url: {} } })).person()).toBeUndefined();
});
