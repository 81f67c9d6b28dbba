import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

/** A message as it comes and goes: only its id and what names a request are looked at. */
interface Message {
  id?: string | number;
  method?: string;
  params?: { requestId?: unknown; _meta?: { [key: string]: unknown } };
  [field: string]: unknown;
}

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';

/**
 * A stdio server behind HTTP, as the conformance suite needs it: each POST is one message; its answer comes as JSON, or
 * as events where others come first. Nothing of HTTP's own rules (sessions, headers, origins) is kept here.
 */
export async function bridge(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ url: string; close(): void }> {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map<string, { id: string | number; tell: (message: Message) => void }>();
  let asked = 0;
  createInterface({ input: child.stdout }).on('line', line => {
    const message = JSON.parse(line) as Message;
    const stream = message.params?._meta?.[SUBSCRIPTION] ?? message.params?.['progressToken' as never];
    const key = String(message.id ?? stream ?? '');
    const waiter = waiting.get(key);
    if (waiter === undefined) return;
    if (message.id !== undefined) waiting.delete(key);
    waiter.tell(withIds(message, key, waiter.id));
  });
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const message = JSON.parse(await bodyOf(request)) as Message;
    if (message.method === undefined || message.id === undefined) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return void response.writeHead(202).end();
    }
    const { id } = message;
    const key = `bridge:${++asked}`;
    waiting.set(key, { id, tell: teller(response) });
    response.on('close', () => {
      if (!waiting.delete(key)) return;
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: key } };
      child.stdin.write(`${JSON.stringify(cancelled)}\n`);
    });
    const progress = message.params?._meta?.['progressToken'] === undefined ? {} : { progressToken: key };
    const params = message.params && { ...message.params, _meta: { ...message.params._meta, ...progress } };
    child.stdin.write(`${JSON.stringify({ ...message, id: key, ...(params && { params }) })}\n`);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: () => {
      child.stdin.end();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A message with the bridge's own id replaced by the client's, wherever it stands. */
function withIds(message: Message, key: string, id: string | number): Message {
  return JSON.parse(JSON.stringify(message), (_, value) => (value === key ? id : value)) as Message;
}

/** Writes the answer as JSON where it comes alone, and as events where something comes before it. */
function teller(response: ServerResponse): (message: Message) => void {
  return message => {
    if (!response.headersSent && message.id !== undefined) {
      const { error } = message as { error?: { code: number } };
      const status =
        error === undefined
          ? 200
          : error.code === -32601
            ? 404
            : [-32602, -32022].includes(error.code)
              ? 400
              : 200;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message));
      return;
    }
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
    if (message.id !== undefined) response.end();
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}
