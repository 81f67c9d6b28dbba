import type { ProxmoxError } from './proxmox-error.ts';
import { ServerClock } from './server-clock.ts';
import type { TlsFacts } from './tls.ts';

/** One address of the API and its current state. */
export interface Host {
  readonly base: URL;
  downSince: number | undefined;
  error: ProxmoxError | undefined;
  tls: TlsFacts | undefined;
  /** Each node has a clock of its own. */
  readonly clock: ServerClock;
}

/** How long a failed host is not tried while another one answers. */
const LEFT_ALONE_MS = 30_000;
/** While every host is down, requests fail at once for this long after the last failure. */
const FAIL_FAST_MS = 3_000;

/** Decides which of several addresses to ask. */
export class Hosts {
  readonly all: readonly Host[];
  /** The host that answered last; the first one before any answer. */
  current: Host;
  readonly #now: () => number;

  constructor(bases: readonly URL[], now: () => number) {
    this.all = bases.map(base => ({
      base,
      downSince: undefined,
      error: undefined,
      tls: undefined,
      clock: new ServerClock(),
    }));
    this.current = this.all[0]!;
    this.#now = now;
  }

  /**
   * Hosts in the order to try them; only `anchor` for requests that must stay with it.
   * @throws the last failure while none is worth trying
   */
  candidates(anchor?: Host): Host[] {
    if (anchor !== undefined && this.all.length > 1) {
      if (anchor.error !== undefined) throw anchor.error;
      return [anchor];
    }
    const now = this.#now();
    const worthTrying = this.all.filter(
      host => host.downSince === undefined || elapsed(host.downSince, now) > LEFT_ALONE_MS,
    );
    const healthy = this.all.some(host => host.downSince === undefined);
    if (healthy) {
      // One request alone finds out whether a failed host is back; the others use what works.
      for (const host of worthTrying) if (host.downSince !== undefined) host.downSince = now;
      return worthTrying;
    }
    const latest = this.all.reduce((a, b) => ((a.downSince ?? 0) >= (b.downSince ?? 0) ? a : b));
    if (latest.error !== undefined && elapsed(latest.downSince ?? 0, now) < FAIL_FAST_MS) throw latest.error;
    return this.all.toSorted((a, b) => (a.downSince ?? 0) - (b.downSince ?? 0));
  }

  /** From now on it is asked first. */
  answered(host: Host): void {
    host.downSince = undefined;
    host.error = undefined;
    this.current = host;
  }

  /** It is not tried for a while. */
  failed(host: Host, error: ProxmoxError): void {
    host.downSince = this.#now();
    host.error = error;
  }
}

/** Time since a moment (ms). One in the future is from before our clock was set back, and counts as long ago. */
function elapsed(at: number, now: number): number {
  return at > now ? Number.POSITIVE_INFINITY : now - at;
}
