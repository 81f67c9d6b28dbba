import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Api, ApiCall } from './api.ts';
import { ApiError } from './api-error.ts';
import type { ClusterCertificates } from './certificates.ts';
import type { SimulatorClock } from './clock.ts';
import type { Faults } from './faults.ts';
import { delay, Sender } from './http-sender.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import { scrambledJson } from './scramble.ts';

const prefix = '/api2/json';

/** The HTTPS server: HTTP/1.1 only, keep-alive of 5 s and 100 requests like pveproxy, errors in the reason phrase. */
export class HttpServer {
  readonly #api: Api;
  readonly #faults: Faults;
  readonly #requests: RequestLog;
  readonly #clock: SimulatorClock;
  readonly #compressFrom: number;
  #server: Server | undefined;
  readonly #sockets = new Set<Duplex>();

  constructor(parts: {
    api: Api;
    faults: Faults;
    requests: RequestLog;
    clock: SimulatorClock;
    compressFrom: number;
  }) {
    this.#api = parts.api;
    this.#faults = parts.faults;
    this.#requests = parts.requests;
    this.#clock = parts.clock;
    this.#compressFrom = parts.compressFrom;
  }

  /** Listens; port 0 takes any free one. Returns the port. */
  async start(
    certificates: ClusterCertificates,
    nodeName: string,
    port: number,
    host: string,
  ): Promise<number> {
    const cert = certificates.nodes.get(nodeName)!.pem;
    const server = createServer({
      key: certificates.nodeKeyPem,
      cert,
      ALPNProtocols: ['http/1.1'],
      maxHeaderSize: 8192,
      keepAliveTimeout: 5000,
    });
    server.maxRequestsPerSocket = 100;
    server.on('request', (message, response) => void this.#serve(message, response));
    server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    this.#server = server;
    return (server.address() as AddressInfo).port;
  }

  /** Stops listening and cuts every connection, like a power failure. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {});
    response.setHeader('Date', new Date(this.#clock.now()).toUTCString());
    const url = new URL(message.url ?? '/', 'https://simulator');
    const query = Object.fromEntries(url.searchParams);
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname;
    const method = message.method ?? 'GET';
    const entry: LoggedRequest = { method, path: safeDecode(path), query, status: 0, at: this.#clock.now() };
    this.#requests.list.push(entry);
    const fault = this.#faults.take(entry.path, method);
    const send = new Sender(message, response, entry, fault);
    try {
      if (!fault?.acts && (await send.faultBefore())) return;
      const body = await readBody(message);
      if (!['GET', 'POST', 'PUT', 'DELETE'].includes(method))
        return send.error(new ApiError(501, `method '${method}' not available`, { empty: true }));
      if ((method === 'GET' || method === 'DELETE') && body !== '')
        return send.plain(501, `Unexpected content for method '${method}'`);
      const type = String(message.headers['content-type'] ?? '');
      if (body !== '' && type !== '' && !/^application\/(json|x-www-form-urlencoded)/.test(type))
        return send.plain(506, `upload 'Content-Type '${type}' not implemented`);
      if (body.length > 512 * 1024) return send.plain(501, 'for data too large');
      if (!url.pathname.startsWith(prefix)) return send.plain(404, `no such file '${url.pathname}'`);
      const call: ApiCall = { method, path, query, body: parseBody(message, body), headers: message.headers };
      const answer = this.#api.answer(call, account => {
        entry.account = account;
      });
      if (fault?.acts && (await send.faultBefore())) return;
      await send.answer(answer, value => scrambledJson(value, this.#api.order), this.#compressFrom);
    } catch (error) {
      if (fault?.acts && (await send.faultBefore())) return;
      if (error instanceof ApiError) {
        if (error.delayMs > 0) await delay(error.delayMs);
        send.error(error);
      } else {
        send.error(new ApiError(500, `simulator: ${error instanceof Error ? error.message : String(error)}`));
      }
    }
  }
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parseBody(message: IncomingMessage, body: string): Record<string, string> {
  if (body === '') return {};
  if (!String(message.headers['content-type'] ?? '').includes('json'))
    return Object.fromEntries(new URLSearchParams(body));
  const parsed: unknown = JSON.parse(body);
  if (typeof parsed !== 'object' || parsed === null) return {};
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, formValue(key, value)]));
}

/** As in a form: flags as 0 and 1, lists separated by commas. */
function formValue(key: string, value: unknown): string {
  if (value === null) throw new ApiError(500, `unable to parse value of '${key}' - got undefined value`);
  return String(typeof value === 'boolean' ? Number(value) : value);
}
