import type { Got } from 'got';
import { UsageError } from '../../errors.ts';
import { VerifyingAgent } from '../agent.ts';
import { type Auth, createAuth } from '../auth.ts';
import { parseBaseUrl } from '../base-url.ts';
import { ask, createHttp, ResetBeforeAnswer } from '../request.ts';
import type { TlsOptions } from '../tls.ts';
import type { Operation } from './operation.ts';
import { outcomeOf, outcomeWithoutAnswer, type WriteOutcome } from './outcome.ts';
import { writeRequest } from './request.ts';

/** How to reach the one address that writes are sent to, and with which token. */
export interface WriterOptions {
  /** The address whose answers the writes rest on: another could lead to another cluster. */
  url: string;
  /** `USER@REALM!TOKENID=SECRET` of a token that may write; never the one used for reading. */
  token: string;
  tls?: TlsOptions | undefined;
  /** Milliseconds to wait for an answer; 45,000 unless given, since Proxmox gives up on a call after 30,000. */
  timeoutMs?: number | undefined;
}

/** Sends writes to Proxmox: each once, to one address, however it ends. */
export interface ProxmoxWriter {
  /** The token's id; not secret. */
  readonly identity: string;
  /**
   * Sends an operation and returns what is known about it then. It is never repeated: not after a timeout, not to another
   * address, and not when called again with the same `id`.
   * @throws UsageError, with nothing sent, for what must never be written and for an id used before
   */
  send(id: string, operation: Operation): Promise<WriteOutcome>;
  close(): void;
}

const MAX_BYTES = 1024 * 1024;

/** Makes a writer; nothing is sent before the first operation. @throws UsageError for options that cannot work. */
export function createProxmoxWriter({
  url,
  token,
  tls = {},
  timeoutMs = 45_000,
}: WriterOptions): ProxmoxWriter {
  const base = parseBaseUrl(url);
  const auth = createAuth({ token });
  const agent = new VerifyingAgent(tls, { connectTimeoutMs: 10_000, sockets: 4 }, () => {});
  const http = createHttp(agent, timeoutMs);
  const used = new Set<string>();
  return {
    identity: auth.identity,
    async send(id, operation) {
      if (used.has(id)) throw new UsageError(`Operation ${id} was sent before: a write is never sent twice`);
      const request = writeRequest(operation);
      used.add(id);
      // Proxmox may close an idle connection just as the write goes out, and then its outcome is unknown.
      agent.dropIdle();
      return sendOnce(operation, request, { http, base, auth, timeoutMs });
    },
    close: () => agent.destroy(),
  };
}

async function sendOnce(
  operation: Operation,
  { method, path, form }: ReturnType<typeof writeRequest>,
  { http, base, auth, timeoutMs }: { http: Got; base: URL; auth: Auth; timeoutMs: number },
): Promise<WriteOutcome> {
  const progress = { connected: false, answered: false };
  try {
    const headers = await auth.headers(noLogin);
    const answer = await ask(
      http,
      base,
      { method, path, headers, form },
      { timeoutMs, maxBytes: MAX_BYTES },
      progress,
    );
    const clean = { ...answer, reason: auth.redact(answer.reason), body: auth.redact(answer.body) };
    return outcomeOf(operation, clean);
  } catch (error) {
    const known = error instanceof ResetBeforeAnswer ? error.failure : error;
    return outcomeWithoutAnswer(known, progress.connected);
  }
}

function noLogin(): never {
  throw new UsageError('A token needs no login');
}
