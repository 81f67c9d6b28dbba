import { setTimeout as sleep } from 'node:timers/promises';
import type { Got } from 'got';
import pLimit from 'p-limit';
import { describeError, UsageError } from '../errors.ts';
import { type Log, noLog } from '../log.ts';
import { VerifyingAgent } from './agent.ts';
import { parseBaseUrl } from './base-url.ts';
import { normaliseFingerprint } from './fingerprint.ts';
import { type Host, Hosts } from './hosts.ts';
import { ProxmoxError } from './proxmox-error.ts';
import { ask, createHttp, type HttpAnswer, type ReadRequest, ResetBeforeAnswer } from './request.ts';
import type { TlsFacts, TlsOptions } from './tls.ts';

/** What was sent and how it went, for progress and counts. */
export interface RequestReport {
  method: string;
  path: string;
  /** Undefined if no answer came. */
  status: number | undefined;
  durationMs: number;
  /** Length of the decompressed body in characters. */
  length: number;
}

/** How to reach the API. */
export interface TransportOptions {
  /** Addresses to try in turn, such as `https://pve1:8006`. */
  urls: readonly string[];
  tls?: TlsOptions | undefined;
  /** Milliseconds a request may take from connecting to the last byte; 10,000 unless given. */
  timeoutMs?: number | undefined;
  /** Concurrent requests; 4 unless given. */
  concurrency?: number | undefined;
  /** Largest size of an answer after decompression, in bytes; 64 MiB unless given. */
  maxBytes?: number | undefined;
  /** Called after each request. */
  onRequest?: ((report: RequestReport) => void) | undefined;
  log?: Log | undefined;
  now?: (() => number) | undefined;
}

/** Keeps requests that belong together at the host that answered the first of them. */
export interface Anchor {
  host?: Host;
  /** The request that finds the host; the others wait for it. */
  first?: Promise<unknown> | undefined;
}

/** Sends requests to a host that answers, a limited number at once, and repeats those that may be repeated. */
export class Transport {
  /** Requests sent so far, including repeats. */
  calls = 0;
  readonly timeoutMs: number;
  readonly #hosts: Hosts;
  readonly #routes: Map<Host, { http: Got; agent: VerifyingAgent }>;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #maxBytes: number;
  readonly #onRequest: (report: RequestReport) => void;
  readonly #log: Log;
  readonly #now: () => number;

  constructor(options: TransportOptions) {
    if (options.urls.length === 0) throw new UsageError('No address of a Proxmox VE node is given');
    const tls = options.tls ?? {};
    tls.fingerprints?.forEach(normaliseFingerprint);
    const concurrency = options.concurrency ?? 4;
    this.timeoutMs = options.timeoutMs ?? 10_000;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    this.#onRequest = options.onRequest ?? (() => {});
    this.#log = options.log ?? noLog;
    this.#now = options.now ?? Date.now;
    this.#limit = pLimit(concurrency);
    this.#hosts = new Hosts(options.urls.map(parseBaseUrl), this.#now);
    // Where another host can be asked, do not spend the full timeout on a silent one.
    const connectTimeoutMs = options.urls.length > 1 ? Math.min(this.timeoutMs, 5_000) : this.timeoutMs;
    this.#routes = new Map(
      this.#hosts.all.map(host => {
        const agent = new VerifyingAgent(tls, { connectTimeoutMs, sockets: concurrency }, facts => {
          host.tls = facts;
        });
        return [host, { agent, http: createHttp(agent, this.timeoutMs) }];
      }),
    );
  }

  /** Origin that answered last, such as `https://pve1:8006`; the first one before any answer. */
  get baseUrl(): string {
    return this.#hosts.current.base.origin;
  }

  /** How the connection to `baseUrl` was verified; undefined before the first one. */
  get tls(): TlsFacts | undefined {
    return this.#hosts.current.tls;
  }

  /** Clock of the host that answered last minus ours (ms), to half a second or better; undefined before the first answer. */
  get clockOffsetMs(): number | undefined {
    return this.#hosts.current.clock.aheadMs;
  }

  /** Sends a request when its turn comes. @throws ProxmoxError if there was no answer, or the signal's reason. */
  async send(request: ReadRequest, onCall: () => void = () => {}, anchor: Anchor = {}): Promise<HttpAnswer> {
    const { signal } = request;
    signal?.throwIfAborted();
    const turn = this.#limit(() => {
      signal?.throwIfAborted();
      return this.#sendAnchored(request, onCall, anchor);
    });
    return signal === undefined ? turn : Promise.race([turn, aborted(signal, turn)]);
  }

  close(): void {
    for (const { agent } of this.#routes.values()) agent.destroy();
  }

  async #sendAnchored(request: ReadRequest, onCall: () => void, anchor: Anchor): Promise<HttpAnswer> {
    while (anchor.first !== undefined) await anchor.first;
    const sent = this.#sendToAny(request, onCall, anchor);
    if (anchor.host === undefined && this.#hosts.all.length > 1) {
      anchor.first = sent
        .catch(() => {})
        .finally(() => {
          anchor.first = undefined;
        });
    }
    return sent;
  }

  async #sendToAny(request: ReadRequest, onCall: () => void, anchor: Anchor): Promise<HttpAnswer> {
    const failures: ProxmoxError[] = [];
    for (const host of this.#hosts.candidates(anchor.host)) {
      try {
        const answer = await this.#sendTo(host, request, onCall);
        this.#hosts.answered(host);
        anchor.host ??= host;
        return answer;
      } catch (error) {
        if (!(error instanceof ProxmoxError) || !this.#isHostsFault(error)) throw error;
        // Logged once per outage. The caller reports a sole address; of several, one could be down unnoticed.
        const level = host.error !== undefined ? 'debug' : this.#hosts.all.length > 1 ? 'warn' : 'info';
        this.#hosts.failed(host, error);
        this.#log[level]('Proxmox address does not answer', {
          url: host.base.origin,
          error: describeError(error),
        });
        failures.push(error);
      }
    }
    throw allFailed(failures);
  }

  /** A timeout counts against a host only where its path names no node, so that the host itself was to answer. */
  #isHostsFault(error: ProxmoxError): boolean {
    return error.isOutage && (error.kind !== 'timeout' || this.#hosts.all.length > 1);
  }

  /** Asks one host, with the repeats that can help: after a connection closed as we sent, or a proxy briefly without PVE. */
  async #sendTo(host: Host, request: ReadRequest, onCall: () => void): Promise<HttpAnswer> {
    const mayRepeat = request.method === 'GET';
    let resets = 0;
    for (let busy = 0; ; ) {
      try {
        const answer = await this.#sendOnce(host, request, onCall);
        if (!mayRepeat || busy === 2 || answer.status < 502 || answer.status > 504) return answer;
        busy++;
        await sleep(200 * 2 ** busy * (0.5 + Math.random()), undefined, { signal: request.signal });
      } catch (error) {
        if (!(error instanceof ResetBeforeAnswer)) throw error;
        if (!mayRepeat || !error.reused || resets++ > 0) throw error.failure;
        this.#routes.get(host)!.agent.dropIdle();
      }
    }
  }

  async #sendOnce(host: Host, request: ReadRequest, onCall: () => void): Promise<HttpAnswer> {
    const started = this.#now();
    let answer: HttpAnswer | undefined;
    this.calls++;
    onCall();
    try {
      answer = await ask(this.#routes.get(host)!.http, host.base, request, {
        timeoutMs: this.timeoutMs,
        maxBytes: this.#maxBytes,
      });
      // If the answer seems to have taken longer than allowed, or less than nothing, our clock was set meanwhile: the next
      // answer will do.
      const ended = this.#now();
      const took = ended - started;
      if (answer.serverTime !== undefined && took >= 0 && took <= 2 * this.timeoutMs)
        host.clock.answered(answer.serverTime, started, ended);
      return answer;
    } finally {
      this.#onRequest({
        method: request.method,
        path: request.path,
        status: answer?.status,
        durationMs: this.#now() - started,
        length: answer?.body.length ?? 0,
      });
    }
  }
}

function allFailed(failures: readonly ProxmoxError[]): ProxmoxError {
  const first = failures[0]!;
  if (failures.length === 1) return first;
  return new ProxmoxError(
    first.kind,
    `No Proxmox address answers. ${failures.map(error => error.message).join('. ')}`,
    {
      reason: first.reason,
      path: first.path,
      hint: first.hint,
      cause: first.cause,
    },
  );
}

/** Rejects when the caller gives up, even while the request waits for its turn. */
function aborted(signal: AbortSignal, until: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    until.catch(() => {}).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
