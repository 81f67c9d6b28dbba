import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ApiError } from './api-error.ts';
import { type Fault, withWrongTypes } from './faults.ts';
import type { LoggedRequest } from './request-log.ts';

const compress = promisify(gzip);
const jsonType = 'application/json;charset=UTF-8';
/** Writes an answer, affected by its fault if there is one. */
export class Sender {
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

  /** Applies faults that replace the answer. True if nothing is left to send. */
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

  /** The proper answer, changed by the faults that work on it, and compressed if it is longer than this (characters). */
  async answer(
    answer: Record<string, unknown>,
    stringify: (value: unknown) => string,
    compressFrom: number,
  ): Promise<void> {
    const fault = this.#fault;
    let { data } = answer;
    if (fault?.kind === 'wrong-types') data = withWrongTypes(data);
    if (fault?.kind === 'alter') {
      const copy = JSON.parse(stringify(data)) as never;
      const altered = fault.alter?.(copy);
      data = altered === undefined ? copy : altered;
    }
    if (fault?.kind === 'cut-list' && Array.isArray(data))
      data = data.slice(0, Math.floor(data.length * (fault.keep ?? 0.5)));
    const json = stringify({ ...answer, data });
    if (fault?.kind === 'truncate') return this.#truncate(json);
    if (fault?.kind === 'drip') return this.#drip(json, fault.bytes ?? 64, fault.delayMs ?? 10);
    const zip =
      json.length > compressFrom && /\bgzip\b/.test(String(this.#message.headers['accept-encoding'] ?? ''));
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

  /** A refusal by pveproxy itself, with the text as its body. */
  plain(status: number, reason: string): void {
    this.#write(status, reason, reason, undefined);
  }

  #write(status: number, reason: string, body: string | Buffer, type: string | undefined): void {
    const response = this.#response;
    this.#entry.status = status;
    if (response.destroyed || response.writableEnded) return;
    // A status line cannot contain line feeds or characters beyond Latin-1.
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

/** Waits in real time without keeping the process alive. */
export function delay(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms).unref();
  });
}
