import {
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { normaliseFingerprint } from './fingerprint.ts';
import { oneLine, ProxmoxError } from './proxmox-error.ts';

/** How the server's certificate is judged. Without any option it must lead to a CA this machine trusts. */
export interface TlsOptions {
  /** PEM of the CA to trust instead, such as /etc/pve/pve-root-ca.pem. */
  ca?: string | undefined;
  /** SHA-256 fingerprints of acceptable certificates; if given, they alone decide. */
  fingerprints?: readonly string[] | undefined;
  /** Accept any certificate. */
  insecure?: boolean | undefined;
}

/** What was seen and checked when a connection was made. */
export interface TlsFacts {
  /** `none` means nothing was verified. */
  verifiedBy: 'fingerprint' | 'ca' | 'system-ca' | 'none';
  /** SHA-256 of the server's certificate, `AB:CD:...`. */
  fingerprint: string;
  issuer: string;
  subject: string;
  /** ISO 8601. */
  validTo: string;
}

/** Where to connect. */
export interface TlsTarget {
  host: string;
  port: number;
  servername: string | undefined;
}

/**
 * Opens a TLS connection and judges the certificate before anyone can write to it, so that no request, and no secret in one,
 * reaches a server that was not accepted.
 * @throws ProxmoxError of kind `tls`, or the system's error
 */
export async function openVerified(
  target: TlsTarget,
  options: TlsOptions,
  timeoutMs: number,
): Promise<{ socket: TLSSocket; facts: TlsFacts }> {
  const pins = (options.fingerprints ?? []).map(normaliseFingerprint);
  const unchecked = options.insecure === true || pins.length > 0;
  let socket: TLSSocket;
  try {
    socket = await handshake(target, { secureContext: contextOf(options), unchecked, timeoutMs });
  } catch (error) {
    if (!(error instanceof UntrustedError)) throw error;
    throw await untrusted(target, error, timeoutMs);
  }
  const certificate = socket.getPeerCertificate();
  if (pins.length > 0 && !pins.includes(certificate.fingerprint256)) {
    socket.destroy();
    throw mismatch(target, certificate);
  }
  return { socket, facts: factsOf(certificate, verifiedBy(options, pins)) };
}

/** One context for all connections made with the same options: loading the CAs is a third of a connection's cost. */
const contexts = new WeakMap<TlsOptions, SecureContext>();

function contextOf(options: TlsOptions): SecureContext {
  const context = contexts.get(options) ?? createSecureContext({ ca: options.ca });
  contexts.set(options, context);
  return context;
}

function verifiedBy(options: TlsOptions, pins: readonly string[]): TlsFacts['verifiedBy'] {
  if (pins.length > 0) return 'fingerprint';
  if (options.insecure) return 'none';
  return options.ca === undefined ? 'system-ca' : 'ca';
}

/** The handshake failed because of the certificate, not the network. */
class UntrustedError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function handshake(
  target: TlsTarget,
  {
    secureContext,
    unchecked,
    timeoutMs,
  }: { secureContext?: SecureContext; unchecked: boolean; timeoutMs: number },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.host,
      port: target.port,
      ...(target.servername ? { servername: target.servername } : {}),
      ...(secureContext && { secureContext }),
      // Off only for a pin (checked before a byte is sent), for `insecure`, or to read a fingerprint.
      rejectUnauthorized: !unchecked,
      ALPNProtocols: ['http/1.1'],
    });
    const timer = setTimeout(() => {
      socket.destroy(
        Object.assign(new Error('no connection within the time allowed'), { code: 'ETIMEDOUT' }),
      );
    }, timeoutMs);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      // Node types it as an Error, but sets the code of the verification failure.
      const verdict = socket.authorizationError as unknown;
      reject(verdict ? new UntrustedError(String(verdict), error.message) : error);
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** Looks at the certificate over a separate connection that carries no request. */
async function untrusted(target: TlsTarget, error: UntrustedError, timeoutMs: number): Promise<ProxmoxError> {
  const at = `${target.host}:${target.port}`;
  // Node appends advice about its own options after a semicolon.
  const said = oneLine(error.message.split(';')[0] ?? '');
  const seen = await handshake(target, { unchecked: true, timeoutMs }).catch(() => undefined);
  const certificate = seen?.getPeerCertificate();
  seen?.destroy();
  const facts = certificate && factsOf(certificate, 'none');
  const shown = facts
    ? ` It is for ${facts.subject}, issued by ${facts.issuer}, valid to ${facts.validTo}, SHA-256 fingerprint ${facts.fingerprint}`
    : '';
  return new ProxmoxError('tls', `The certificate of ${at} is not trusted: ${said}.${shown}`, {
    reason: error.code,
    hint: hintFor(error.code, facts?.fingerprint),
    cause: Object.assign(new Error(said), { code: error.code }),
  });
}

function hintFor(code: string, fingerprint: string | undefined): string {
  const pin = fingerprint === undefined ? '' : `PROXMOX_FINGERPRINT=${fingerprint}`;
  const compare = "compare it with 'pvenode cert info' on the node";
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return `Check this machine's clock; renew the node's certificate with 'pvecm updatecerts --force'. Or pin it: ${pin} (${compare}).`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `Use a name or address the certificate holds in PROXMOX_URL, or pin it: ${pin} (${compare}).`;
  }
  return `If this is your node (${compare}), pin it with ${pin}, or set PROXMOX_CA_FILE to a copy of the cluster's /etc/pve/pve-root-ca.pem.`;
}

function mismatch(target: TlsTarget, certificate: PeerCertificate): ProxmoxError {
  const { fingerprint, issuer } = factsOf(certificate, 'none');
  return new ProxmoxError(
    'tls',
    `The certificate of ${target.host}:${target.port} has the SHA-256 fingerprint ${fingerprint} (issued by ${issuer}), which is none of those pinned. Nothing was sent`,
    {
      reason: 'FINGERPRINT_MISMATCH',
      hint: `If the node's certificate was renewed ('pvenode cert info' on the node shows the same), set PROXMOX_FINGERPRINT=${fingerprint}; each node has its own. If not, someone may be in between.`,
    },
  );
}

function factsOf(certificate: PeerCertificate, by: TlsFacts['verifiedBy']): TlsFacts {
  const validTo = new Date(certificate.valid_to);
  return {
    verifiedBy: by,
    fingerprint: certificate.fingerprint256,
    issuer: nameText(certificate.issuer),
    subject: nameText(certificate.subject),
    validTo: Number.isNaN(validTo.getTime()) ? oneLine(certificate.valid_to, 40) : validTo.toISOString(),
  };
}

function nameText(name: object): string {
  const parts = Object.entries(name).map(([key, value]) => `${key}=${[value].flat().join('+')}`);
  return oneLine(parts.join(', '), 200) || 'nobody named';
}
