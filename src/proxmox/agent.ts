import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { openVerified, type TlsFacts, type TlsOptions } from './tls.ts';

/**
 * Keep-alive agent that hands out a socket only once its certificate was accepted.
 * No TLS session is resumed: a resumed one may show no certificate to compare with a pin.
 */
export class VerifyingAgent extends Agent {
  readonly #open: (host: string, port: number, servername: string | undefined) => Promise<Duplex>;

  constructor(
    tls: TlsOptions,
    limits: { connectTimeoutMs: number; sockets: number },
    onFacts: (facts: TlsFacts) => void,
  ) {
    // pveproxy closes idle connections after 5 s: give them up a little earlier.
    super({ keepAlive: true, maxSockets: limits.sockets, timeout: 4_000, maxCachedSessions: 0 });
    this.#open = async (host, port, servername) => {
      const { socket, facts } = await openVerified({ host, port, servername }, tls, limits.connectTimeoutMs);
      onFacts(facts);
      return socket;
    };
  }

  override createConnection(
    options: { host?: string | null; port?: number | string | null; servername?: string },
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#open(options.host ?? 'localhost', Number(options.port ?? 443), options.servername).then(
      socket => callback?.(null, socket),
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    );
  }

  /** Closes idle connections, so that the next request opens a new one. */
  dropIdle(): void {
    for (const sockets of Object.values(this.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }
}
