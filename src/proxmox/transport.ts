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

/** What was sent and how it went; for progress and for counting. */
export interface RequestReport {
  method: string;
  path: string;
  /** Undefined when no answer came. */
  status: number | undefined;
  durationMs: number;
  /** Length of the decompressed body in characters. */
  length: number;
}

/** How to reach the API. */
export interface TransportOptions {
  /** Addresses tried in turn, such as `https://pve1:8006`. */
  urls: readonly string[];
  tls?: TlsOptions | undefined;
  /** Milliseconds a request may take from connection to the last byte; 10,000 unless given. */
  timeoutMs?: number | undefined;
  /** Requests at once; 4 unless given. */
  concurrency?: number | undefined;
  /** Bytes an answer may have after decompression; 64 MiB unless given. */
  maxBytes?: number | undefined;
  /** Called after each request. */
  onRequest?: ((report: RequestReport) => void) | undefined;
  log?: Log | undefined;
  now?: (() => number) | undefined;
}

/** Keeps requests that belong together at the host that answered the first of them. */
export interface Anchor {
  host?: Host;
  /** The request that finds the host out; the others wait for it. */
  first?: Promise<unknown> | undefined;
}

/** Sends requests to whichever host answers, a bounded number at once, and repeats those that may be repeated. */
export class Transport {
  /** Requests sent so far, repeats included. */
  calls = 0;
  /** Server's clock minus ours in milliseconds, to half a second; undefined before the first answer. */
  clockOffsetMs: number | undefined;
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
    // Where another host can be asked, do not wait the whole time for one that is silent.
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

  /** Origin that answered last, such as `https://pve1:8006`; before any answer the first one. */
  get baseUrl(): string {
    return this.#hosts.current.base.origin;
  }

  /** How the connection to `baseUrl` was verified; undefined before the first one. */
  get tls(): TlsFacts | undefined {
    return this.#hosts.current.tls;
  }

  /** Sends a request when its turn comes. @throws ProxmoxError where no answer could be had, or the signal's reason. */
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
        // Logged once an outage; that of a sole address is reported by the caller, of several one may be down unnoticed.
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

  /** A path that names no node is answered by the host itself: its silence is the host's. */
  #isHostsFault(error: ProxmoxError): boolean {
    return error.isOutage && (error.kind !== 'timeout' || this.#hosts.all.length > 1);
  }

  /** One host, with the repeats that can help: a connection closed as we sent, a proxy that was briefly without PVE. */
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
      // The header has whole seconds: half a second more is the best guess. Where the answer seems to have taken longer
      // than it may, or less than nothing, our clock was set meanwhile: the next one tells.
      const ended = this.#now();
      const took = ended - started;
      if (answer.serverTime !== undefined && took >= 0 && took <= 2 * this.timeoutMs)
        this.clockOffsetMs = answer.serverTime + 500 - (started + ended) / 2;
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

/** Rejects when the caller gives up, also while the request still waits for its turn. */
function aborted(signal: AbortSignal, until: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    until.catch(() => {}).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
