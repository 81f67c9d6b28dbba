import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Api, ApiCall } from './api.ts';
import { ApiError } from './api-error.ts';
import type { ClusterCertificates } from './certificates.ts';
import type { SimulatorClock } from './clock.ts';
import { type Fault, type Faults, withWrongTypes } from './faults.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import { scrambledJson } from './scramble.ts';

const compress = promisify(gzip);
const prefix = '/api2/json';
const jsonType = 'application/json;charset=UTF-8';
/** PVE leaves small answers uncompressed. */
const gzipFrom = 1024;

/** The HTTPS side: HTTP/1.1 only, keep-alive of 5 s and 100 requests as pveproxy, errors in the reason phrase. */
export class HttpServer {
  readonly #api: Api;
  readonly #faults: Faults;
  readonly #requests: RequestLog;
  readonly #clock: SimulatorClock;
  #server: Server | undefined;
  readonly #sockets = new Set<Duplex>();

  constructor(parts: { api: Api; faults: Faults; requests: RequestLog; clock: SimulatorClock }) {
    this.#api = parts.api;
    this.#faults = parts.faults;
    this.#requests = parts.requests;
    this.#clock = parts.clock;
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

  /** Stops listening and cuts every connection, as a power failure would. */
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
    const url = new URL(message.url ?? '/', 'https://simulator');
    const query = Object.fromEntries(url.searchParams);
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname;
    const method = message.method ?? 'GET';
    const entry: LoggedRequest = { method, path: safeDecode(path), query, status: 0, at: this.#clock.now() };
    this.#requests.list.push(entry);
    const fault = this.#faults.take(entry.path);
    const send = new Sender(message, response, entry, fault);
    try {
      if (await send.faultBefore()) return;
      const body = await readBody(message);
      if (method === 'HEAD')
        return send.error(new ApiError(501, `method 'HEAD' not available`, { empty: true }));
      if (method === 'GET' && body !== '') return send.plain(501, `Unexpected content for method 'GET'`);
      if (!url.pathname.startsWith(prefix)) return send.plain(404, `no such file '${url.pathname}'`);
      const call: ApiCall = { method, path, query, body: parseBody(message, body), headers: message.headers };
      const answer = this.#api.answer(call, account => {
        entry.account = account;
      });
      await send.answer(answer, value => scrambledJson(value, this.#api.order));
    } catch (error) {
      if (error instanceof ApiError) {
        if (error.delayMs > 0) await delay(error.delayMs);
        send.error(error);
      } else {
        send.error(new ApiError(500, `simulator: ${error instanceof Error ? error.message : String(error)}`));
      }
    }
  }
}

/** Writes one answer, with whatever fault struck it. */
class Sender {
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #entry: LoggedRequest;
  readonly #fault: Fault | undefined;

  constructor(
    message: IncomingMessage,
    response: ServerResponse,
    entry: LoggedRequest,
    fault: Fault | undefined,
  ) {
    this.#message = message;
    this.#response = response;
    this.#entry = entry;
    this.#fault = fault;
  }

  /** Faults that replace the answer. True when the call is done with. */
  async faultBefore(): Promise<boolean> {
    const fault = this.#fault;
    switch (fault?.kind) {
      case 'reset':
        this.#message.socket.destroy();
        return true;
      case 'slow':
        await delay(fault.delayMs ?? 1000);
        return false;
      case 'status':
        if (fault.delayMs !== undefined) await delay(fault.delayMs);
        this.#write(fault.status ?? 500, fault.reason ?? 'simulated fault', fault.body ?? '', jsonType);
        return true;
      case 'html':
        this.#write(
          fault.status ?? 200,
          'OK',
          fault.body ?? '<!DOCTYPE html><html><body>Sign in</body></html>',
          'text/html',
        );
        return true;
      case 'redirect':
        this.#response.setHeader('Location', fault.location ?? 'https://login.example.org/');
        this.#write(fault.status ?? 302, 'Found', '', 'text/html');
        return true;
      case 'nulldata':
        this.#write(200, 'OK', '{"data":null}', jsonType);
        return true;
      case 'huge':
        this.#write(200, 'OK', `{"data":["${'x'.repeat(fault.bytes ?? 64 * 2 ** 20)}"]}`, jsonType);
        return true;
      default:
        return false;
    }
  }

  /** The proper answer, spoilt by the faults that work on it. */
  async answer(answer: Record<string, unknown>, stringify: (value: unknown) => string): Promise<void> {
    const fault = this.#fault;
    let { data } = answer;
    if (fault?.kind === 'wrong-types') data = withWrongTypes(data);
    if (fault?.kind === 'cut-list' && Array.isArray(data))
      data = data.slice(0, Math.floor(data.length * (fault.keep ?? 0.5)));
    const json = stringify({ ...answer, data });
    if (fault?.kind === 'truncate') return this.#truncate(json);
    if (fault?.kind === 'drip') return this.#drip(json, fault.bytes ?? 64, fault.delayMs ?? 10);
    const zip =
      json.length > gzipFrom && /\bgzip\b/.test(String(this.#message.headers['accept-encoding'] ?? ''));
    if (!zip) return this.#write(200, 'OK', json, jsonType);
    const packed = await compress(json, { level: constants.Z_BEST_SPEED });
    this.#response.setHeader('Content-Encoding', 'gzip');
    this.#write(200, 'OK', packed, jsonType);
  }

  /** A refusal: reason phrase, JSON body unless PVE sends none, connection closed. */
  error(error: ApiError): void {
    const body: Record<string, unknown> = {
      data: null,
      message: error.status === 501 ? error.message : `${error.message}\n`,
    };
    if (error.errors !== undefined) body.errors = error.errors;
    if (error.empty) this.#write(error.status, error.message, '', undefined);
    else this.#write(error.status, error.message, JSON.stringify(body), jsonType);
  }

  /** A refusal of pveproxy itself, with the text as the body. */
  plain(status: number, reason: string): void {
    this.#write(status, reason, reason, undefined);
  }

  #write(status: number, reason: string, body: string | Buffer, type: string | undefined): void {
    const response = this.#response;
    this.#entry.status = status;
    if (response.destroyed || response.writableEnded) return;
    // Line feeds and characters beyond Latin-1 cannot stand in a status line.
    response.statusMessage = reason.replace(/[^\t\x20-\x7e\x80-\xff]/g, ' ');
    response.statusCode = status;
    response.setHeader('Server', 'pve-api-daemon/3.0');
    response.setHeader('Cache-Control', 'max-age=0');
    response.setHeader('Pragma', 'no-cache');
    if (type !== undefined) response.setHeader('Content-Type', type);
    if (status >= 400) response.setHeader('Connection', 'close');
    response.setHeader('Content-Length', Buffer.byteLength(body));
    response.end(body);
  }

  #truncate(json: string): void {
    this.#entry.status = 200;
    this.#response.writeHead(200, 'OK', {
      'Content-Type': jsonType,
      'Content-Length': Buffer.byteLength(json),
    });
    this.#response.write(json.slice(0, Math.floor(json.length / 2)), () => this.#message.socket.destroy());
  }

  async #drip(json: string, bytes: number, delayMs: number): Promise<void> {
    const body = Buffer.from(json);
    this.#entry.status = 200;
    this.#response.writeHead(200, 'OK', { 'Content-Type': jsonType, 'Content-Length': body.length });
    for (let at = 0; at < body.length && !this.#response.destroyed; at += bytes) {
      this.#response.write(body.subarray(at, at + bytes));
      await delay(delayMs);
    }
    this.#response.end();
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
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]));
}

function delay(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms).unref();
  });
}
