import { nodeOfPath, oneLine, ProxmoxError } from './proxmox-error.ts';

/** How far a request got before it failed. */
export interface Progress {
  /** `https://host:8006` */
  origin: string;
  path: string;
  timeoutMs: number;
  /** The TLS connection was established: what failed afterwards is the API, not the way to it. */
  connected: boolean;
  /** The status line and headers had arrived. */
  answered: boolean;
}

/**
 * The error for a request that got no complete answer. Errors of HTTP libraries hold the request with its headers, so only their
 * message and code are kept.
 */
export function failure(error: unknown, at: Progress): ProxmoxError {
  const found = knownCause(error);
  if (found !== undefined) return found;
  const { code, text } = describe(error);
  const cause = Object.assign(new Error(text), { code });
  const known = { path: at.path, node: nodeOfPath(at.path), reason: text, cause };
  if (code === 'ETIMEDOUT' && at.connected) {
    return new ProxmoxError('timeout', `GET ${at.path} took longer than ${at.timeoutMs / 1000} s`, {
      ...known,
      hint: `${known.node === undefined ? at.origin : `Node ${known.node}`} accepts connections but is slow or hangs; a longer timeout helps only where it is slow.`,
    });
  }
  if (at.answered) {
    return new ProxmoxError('bad-answer', `The answer to GET ${at.path} broke off: ${text}`, {
      ...known,
      hint: 'The connection or a proxy in between failed midway; try again.',
    });
  }
  return new ProxmoxError('unreachable', `${at.origin} does not answer: ${text}`, {
    ...known,
    // Not reaching the API says nothing about the node that the path happens to name.
    node: undefined,
    hint: hintOf(code, text, at),
  });
}

/** Whether the connection was dropped; if that was before any answer, the request may be sent once more. */
export function isReset(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(describe(error).code);
}

function hintOf(code: string, text: string, at: Progress): string {
  const { hostname, port } = new URL(at.origin);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `The name ${hostname} cannot be resolved here: check PROXMOX_URL and DNS, or use the IP address.`;
  }
  if (code === 'ECONNREFUSED') {
    return port === '8006'
      ? `Nothing listens on port 8006 of ${hostname}: is pveproxy running there ('systemctl status pveproxy')?`
      : `Nothing listens on port ${port || '443'} of ${hostname}; the Proxmox API is on port 8006.`;
  }
  if (/EPROTO|ERR_SSL|HPE_/.test(code) || /wrong version number|packet length too long/i.test(text)) {
    return `What listens there does not speak HTTPS; the Proxmox API is https on port 8006.`;
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return `There is no route to ${hostname}: check network and VPN.`;
  if (code === 'ETIMEDOUT') return `${hostname} is down, or a firewall drops port ${port || '443'}.`;
  return `Check that ${at.origin} is a running Proxmox VE node.`;
}

/** Our own error, however deep a library has wrapped it. */
function knownCause(error: unknown): ProxmoxError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof ProxmoxError) return at;
  }
  return undefined;
}

function describe(error: unknown): { code: string; text: string } {
  if (!(error instanceof Error)) return { code: '', text: oneLine(String(error)) };
  // When every address of a name fails, Node throws an AggregateError without a message.
  const inner = error.cause instanceof Error && error.message === '' ? error.cause : error;
  const one = inner instanceof AggregateError && inner.message === '' ? (inner.errors[0] as Error) : inner;
  const { code } = one as { code?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    text: oneLine(one.message || String(code ?? one.name)),
  };
}
