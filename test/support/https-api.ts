import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { inspect } from 'node:util';
import { issueCertificates } from '../../src/simulator/certificates.ts';

/** A request as the server saw it. */
export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server that speaks HTTPS with a certificate of its own CA and answers as a test says. */
export interface HttpsApi {
  url: string;
  port: number;
  caPem: string;
  fingerprint: string;
  /** Every request that reached HTTP, so after the TLS handshake. */
  requests: SeenRequest[];
  /** TLS connections accepted. */
  connections: number;
  close(): Promise<void>;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => unknown;

/** Answers with `{data}` as PVE does. */
export function sendData(response: ServerResponse, data: unknown, extra: object = {}): void {
  response.setHeader('content-type', 'application/json;charset=UTF-8');
  response.end(JSON.stringify({ data, ...extra }));
}

/** Refuses as PVE does: the text in the reason phrase, a JSON body unless PVE sends none, and the connection ends. */
export function sendError(response: ServerResponse, status: number, reason: string, body?: unknown): void {
  response.writeHead(status, reason, { connection: 'close' });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

let certificates: ReturnType<typeof issueCertificates> | undefined;

/** Starts a server on localhost; certificates are issued once per test file, `name` picks one of two. */
export async function startHttpsApi(handler: Handler, name: 'a' | 'b' = 'a', port = 0): Promise<HttpsApi> {
  certificates ??= issueCertificates(
    [
      { name: 'a', ip: '127.0.0.1' },
      { name: 'b', ip: '127.0.0.1' },
    ],
    'a-test-cluster',
  );
  const issued = await certificates;
  const own = issued.nodes.get(name)!;
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ cert: own.pem, key: issued.nodeKeyPem }, async (request, response) => {
    const seen: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: await readAll(request),
    };
    requests.push(seen);
    handler(seen, response);
  });
  const api = {
    url: '',
    port: 0,
    caPem: issued.ca.pem,
    fingerprint: own.fingerprint,
    requests,
    connections: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(done => server.close(done));
    },
  };
  server.on('secureConnection', socket => {
    api.connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>(done => server.listen(port, '127.0.0.1', done));
  api.port = (server.address() as AddressInfo).port;
  api.url = `https://localhost:${api.port}`;
  return api;
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

/** Throws when the text is anywhere in what a log, a debugger or a serialiser would show of the error. */
export function assertHides(error: unknown, secret: string): void {
  const shown = [
    inspect(error, { depth: 10, showHidden: true }),
    JSON.stringify(error),
    String((error as Error).stack),
  ];
  if (shown.some(text => text.includes(secret))) throw new Error('the error shows the secret');
}
