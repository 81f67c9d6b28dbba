import { isIP } from 'node:net';
import { parseBaseUrl } from './base-url.ts';
import { failure } from './failure.ts';
import { ProxmoxError } from './proxmox-error.ts';
import { openVerified, type TlsFacts, type TlsOptions } from './tls.ts';

/** The certificate an address presents, and why it was not accepted; null if it was. */
export interface SeenCertificate {
  facts: TlsFacts;
  refusal: ProxmoxError | null;
}

/**
 * Looks at an address's certificate without sending anything, so that a person can judge it before any secret is sent.
 * @throws ProxmoxError where no TLS connection can be made
 */
export async function seeCertificate(
  url: string,
  tls: TlsOptions,
  timeoutMs: number,
): Promise<SeenCertificate> {
  const { hostname, port, origin } = parseBaseUrl(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const target = { host, port: Number(port || 443), servername: isIP(host) ? undefined : host };
  const look = async (options: TlsOptions): Promise<TlsFacts> => {
    const { socket, facts } = await openVerified(target, options, timeoutMs);
    socket.destroy();
    return facts;
  };
  try {
    return { facts: await look(tls), refusal: null };
  } catch (error) {
    if (error instanceof ProxmoxError && error.kind === 'tls')
      return { facts: await look({ insecure: true }), refusal: error };
    throw failure(error, { origin, path: '/', timeoutMs, connected: false, answered: false });
  }
}
