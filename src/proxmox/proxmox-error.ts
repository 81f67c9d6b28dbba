import { MpcError } from '../errors.ts';
import { maskedLine } from '../text/mask.ts';

/**
 * Why a request to Proxmox failed.
 * `unreachable`, `timeout`, `tls`: no answer. `unauthorized` (401), `forbidden` (403), `bad-request` (400), `not-implemented`
 * (501): refused. `taken`: the VMID in question belongs to a guest. `not-found`: no such guest, pool, storage, snapshot or task,
 * at least not there. `node-unreachable`: the node that was asked could not reach the one in the path (595 to 599, or an unknown
 * name). `server`: any other error answer. `bad-answer`, `too-large`: an answer that cannot be used.
 */
export type ProxmoxErrorKind =
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'node-unreachable'
  | 'bad-request'
  | 'taken'
  | 'not-implemented'
  | 'server'
  | 'bad-answer'
  | 'too-large';

/** What is known about a failure besides its message. */
export interface ProxmoxErrorDetails {
  /** HTTP status, where there was an answer. */
  status?: number | undefined;
  /** What PVE said: the HTTP reason phrase, or the system's words for failures without an answer. */
  reason?: string | undefined;
  /** Path below /api2/json, with its parameters. */
  path?: string | undefined;
  /** The node in the path. */
  node?: string | undefined;
  /** PVE's complaints by query or path parameter (400). */
  errors?: Readonly<Record<string, string>> | undefined;
  hint?: string | undefined;
  cause?: unknown;
}

/** A failed request to Proxmox; `code` is `proxmox-` and the kind. Neither it nor its cause holds a secret. */
export class ProxmoxError extends MpcError {
  readonly kind: ProxmoxErrorKind;
  readonly status: number | undefined;
  readonly reason: string;
  readonly path: string | undefined;
  readonly node: string | undefined;
  readonly errors: Readonly<Record<string, string>> | undefined;

  constructor(kind: ProxmoxErrorKind, message: string, details: ProxmoxErrorDetails = {}) {
    super(`proxmox-${kind}`, message, {
      ...(details.hint === undefined ? {} : { hint: details.hint }),
      ...(details.cause === undefined ? {} : { cause: details.cause }),
    });
    this.kind = kind;
    this.status = details.status;
    this.reason = details.reason ?? message;
    this.path = details.path;
    this.node = details.node;
    this.errors = details.errors;
  }

  /** True when no Proxmox API answered at all, so that only the store's knowledge is left. */
  get isOutage(): boolean {
    return (
      this.kind === 'unreachable' ||
      this.kind === 'tls' ||
      (this.kind === 'timeout' && this.node === undefined)
    );
  }
}

/** Characters of a text that are searched for secrets; the rest is cut. */
const EXAMINED = 20_000;

/** The node named in a path below /nodes/. */
export function nodeOfPath(path: string): string | undefined {
  const name = /^\/nodes\/([^/?]+)/.exec(path)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}

/**
 * A text from outside as one bounded line, without invisible characters, faked line breaks or secrets, since failures are kept in
 * the store. A proxy may send megabytes: only the beginning is looked at.
 */
export function oneLine(text: string, limit = 500): string {
  const line = maskedLine(text.slice(0, EXAMINED)).trim();
  return line.length > limit ? `${line.slice(0, limit).toWellFormed()}…` : line;
}
