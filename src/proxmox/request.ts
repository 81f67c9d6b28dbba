import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import got, { type Got } from 'got';
import { failure, isReset, type Progress } from './failure.ts';
import { nodeOfPath, ProxmoxError } from './proxmox-error.ts';
import type { RawAnswer } from './refusal.ts';

/** One request to one host. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  /** Below /api2/json, encoded, with its query. */
  path: string;
  headers: Record<string, string>;
  form?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
}

/** The answer with what the transport learns from it. */
export interface HttpAnswer extends RawAnswer {
  /** Milliseconds since 1970 by the server's clock, whole seconds. */
  serverTime: number | undefined;
}

/** The connection was dropped before any answer: pveproxy closes idle connections and may do so as we send. */
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

/** got without its own retries, redirects and status errors: those are decided here. */
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
 * Sends one request and reads its answer up to `maxBytes` after decompression.
 * @throws ProxmoxError, ResetBeforeAnswer, or the signal's reason.
 */
export async function ask(
  http: Got,
  base: URL,
  request: HttpRequest,
  limits: { timeoutMs: number; maxBytes: number },
): Promise<HttpAnswer> {
  request.signal?.throwIfAborted();
  const at: Progress = {
    origin: base.origin,
    path: request.path,
    timeoutMs: limits.timeoutMs,
    connected: false,
    answered: false,
  };
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
    const body = await readBounded(stream, limits.maxBytes, request.path);
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

async function readBounded(stream: AsyncIterable<Buffer>, maxBytes: number, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) {
      const limit = maxBytes >= 1048576 ? `${Math.round(maxBytes / 1048576)} MiB` : `${maxBytes} bytes`;
      throw new ProxmoxError('too-large', `The answer to GET ${path} is larger than ${limit}`, {
        path,
        node: nodeOfPath(path),
        hint: 'It was not read to the end; ask for less of it.',
      });
    }
    chunks.push(chunk);
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
    serverTime: Number.isNaN(date) ? undefined : date,
  };
}
