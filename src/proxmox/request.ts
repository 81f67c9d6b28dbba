import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import got, { type Got } from 'got';
import { MAX_TIME } from '../model/limits.ts';
import { failure, isReset, type Progress } from './failure.ts';
import { nodeOfPath, ProxmoxError } from './proxmox-error.ts';
import type { RawAnswer } from './refusal.ts';

/** One request to one host. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT';
  /** Below /api2/json, encoded, with its query. */
  path: string;
  headers: Record<string, string>;
  form?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  /** Largest size of the answer after decompression, where that is less than the transport allows. */
  maxBytes?: number | undefined;
}

/** Everything that may be sent outside `operations`: a GET, or the login. */
export type ReadRequest = HttpRequest & ({ method: 'GET' } | { method: 'POST'; path: '/access/ticket' });

/** How far a request got, for callers that must know whether it may have been delivered. */
export type RequestProgress = Pick<Progress, 'connected' | 'answered'>;

/** The answer together with what the transport learns from it. */
export interface HttpAnswer extends RawAnswer {
  /** The server's clock in milliseconds since 1970, in whole seconds. */
  serverTime: number | undefined;
}

/** The connection was dropped before any answer: pveproxy closes idle connections, perhaps just as we send. */
export class ResetBeforeAnswer extends Error {
  readonly failure: ProxmoxError;
  /** The connection had served a request before. */
  readonly reused: boolean;
  constructor(failure: ProxmoxError, reused: boolean) {
    super(failure.message);
    this.failure = failure;
    this.reused = reused;
  }
}

/** got without its own retries, redirects and status errors, which are handled here. */
export function createHttp(agent: Agent, timeoutMs: number): Got {
  return got.extend({
    agent: { https: agent },
    http2: false,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: { request: timeoutMs },
    headers: { 'user-agent': 'proxmox-mpc', accept: 'application/json', 'accept-encoding': 'gzip' },
  });
}

/**
 * Sends one request and reads its answer, up to `maxBytes` after decompression. Updates `progress` meanwhile.
 * @throws ProxmoxError, ResetBeforeAnswer, or the signal's reason
 */
export async function ask(
  http: Got,
  base: URL,
  request: HttpRequest,
  limits: { timeoutMs: number; maxBytes: number },
  progress: RequestProgress = { connected: false, answered: false },
): Promise<HttpAnswer> {
  request.signal?.throwIfAborted();
  const at: Progress = Object.assign(progress, {
    origin: base.origin,
    path: request.path,
    timeoutMs: limits.timeoutMs,
  });
  let sent: ClientRequest | undefined;
  let response: IncomingMessage | undefined;
  const stream = http.stream(`${base.href}${request.path}`, {
    method: request.method,
    headers: request.headers,
    ...(request.form === undefined ? {} : { form: request.form }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  stream.on('request', (client: ClientRequest) => {
    sent = client;
    client.once('socket', () => {
      at.connected = true;
    });
  });
  stream.on('response', (message: IncomingMessage) => {
    response = message;
    at.answered = true;
  });
  try {
    const maxBytes = Math.min(limits.maxBytes, request.maxBytes ?? limits.maxBytes);
    const body = await readBounded(stream, maxBytes, request.path);
    return answerOf(response!, body);
  } catch (error) {
    request.signal?.throwIfAborted();
    const failed = failure(error, at);
    if (!at.answered && isReset(error)) throw new ResetBeforeAnswer(failed, sent?.reusedSocket === true);
    throw failed;
  } finally {
    stream.destroy();
  }
}

/** Values that an answer may hold: a small answer full of the shortest values would need many times its own size in memory. */
const VALUES_AT_MOST = 2_000_000;
/** An answer up to this size cannot hold many more values than that, so they are not counted. */
const UNCOUNTED_BYTES = 2 * VALUES_AT_MOST;

function commasIn(chunk: Buffer): number {
  let found = 0;
  for (let at = chunk.indexOf(44); at !== -1; at = chunk.indexOf(44, at + 1)) found++;
  return found;
}

function tooLarge(path: string, what: string): ProxmoxError {
  return new ProxmoxError('too-large', `The answer to GET ${path} ${what}`, {
    path,
    node: nodeOfPath(path),
    hint: 'It was not read to the end; ask for less of it.',
  });
}

async function readBounded(stream: AsyncIterable<Buffer>, maxBytes: number, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  let values = 0;
  let counted = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) {
      const limit = maxBytes >= 1048576 ? `${Math.round(maxBytes / 1048576)} MiB` : `${maxBytes} bytes`;
      throw tooLarge(path, `is larger than ${limit}`);
    }
    chunks.push(chunk);
    if (size <= UNCOUNTED_BYTES) continue;
    for (; counted < chunks.length; counted++) values += commasIn(chunks[counted]!);
    if (values > VALUES_AT_MOST) throw tooLarge(path, `holds more than ${VALUES_AT_MOST} values`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answerOf(response: IncomingMessage, body: string): HttpAnswer {
  const date = Date.parse(response.headers.date ?? '');
  return {
    status: response.statusCode ?? 0,
    // Node reads the status line as Latin-1, PVE writes UTF-8.
    reason: Buffer.from(response.statusMessage ?? '', 'latin1').toString('utf8'),
    location: response.headers.location,
    body,
    serverTime: date >= 0 && date <= MAX_TIME ? date : undefined,
  };
}
