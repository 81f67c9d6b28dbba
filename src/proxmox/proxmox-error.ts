import { MpcError } from '../errors.ts';
import { maskedLine } from '../text/mask.ts';

/**
 * Why a request to Proxmox failed.
 * `unreachable`, `timeout`, `tls`: no answer. `unauthorized` (401), `forbidden` (403), `bad-request` (400),
 * `not-implemented` (501): refused. `taken`: the VMID that was asked about has a guest. `not-found`: the guest, pool, storage, snapshot or task does not exist (there).
 * `node-unreachable`: the node we asked could not reach the node the path names (595 to 599, or an unknown name).
 * `server`: any other error answer. `bad-answer`, `too-large`: an answer that cannot be used.
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

/** What is known about a failure beside its message. */
export interface ProxmoxErrorDetails {
  /** HTTP status, where there was an answer. */
  status?: number | undefined;
  /** What PVE said: the HTTP reason phrase, or for failures without an answer the system's words. */
  reason?: string | undefined;
  /** Path below /api2/json, with its parameters. */
  path?: string | undefined;
  /** The node the path names. */
  node?: string | undefined;
  /** PVE's complaints by query or path parameter (400). */
  errors?: Readonly<Record<string, string>> | undefined;
  hint?: string | undefined;
  cause?: unknown;
}

/** A request to Proxmox failed; `code` is `proxmox-` and the kind. Holds no secret, nor does its cause. */
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

  /** True when no Proxmox API answered at all: the store's knowledge is all there is. */
  get isOutage(): boolean {
    return (
      this.kind === 'unreachable' ||
      this.kind === 'tls' ||
      (this.kind === 'timeout' && this.node === undefined)
    );
  }
}

/** Longest text that is looked at for secrets before it is cut (characters). */
const EXAMINED = 20_000;

/** The node a path below /nodes/ names. */
export function nodeOfPath(path: string): string | undefined {
  const name = /^\/nodes\/([^/?]+)/.exec(path)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}

/**
 * Text from outside in one bounded line: nothing that is not seen, nothing that could fake a second line, and no secret,
 * since what failed is kept in the store. A proxy may answer megabytes: only the beginning is looked at.
 */
export function oneLine(text: string, limit = 500): string {
  const line = maskedLine(text.slice(0, EXAMINED)).trim();
  return line.length > limit ? `${line.slice(0, limit).toWellFormed()}…` : line;
}
