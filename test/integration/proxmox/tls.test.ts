import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProxmoxClient, endpoints, ProxmoxError, type TlsOptions } from '../../../src/proxmox/index.ts';
import { issueCertificates } from '../../../src/simulator/certificates.ts';
import { assertHides, type HttpsApi, sendData, startHttpsApi } from '../../support/https-api.ts';

const token = 'root@pam!mpc=hidden-0123456789';
let api: HttpsApi;

beforeAll(async () => {
  api = await startHttpsApi((_, response) => sendData(response, { version: '9.2.11' }));
});
afterAll(() => api.close());

async function ask(tls: TlsOptions, url = api.url) {
  const client = createProxmoxClient({ urls: [url], credentials: { token }, tls });
  try {
    const before = api.requests.length;
    const error = await client.get(endpoints.access.version).then(
      () => undefined,
      (thrown: unknown) => {
        assertHides(thrown, 'hidden-0123456789');
        return thrown;
      },
    );
    return {
      error: error as ProxmoxError | undefined,
      facts: client.tls,
      reached: api.requests.length - before,
    };
  } finally {
    client.close();
  }
}

describe('certificates', () => {
  it('are accepted when the given CA signed them', async () => {
    const { error, facts } = await ask({ ca: api.caPem });
    expect(error).toBeUndefined();
    expect(facts).toMatchObject({ verifiedBy: 'ca', fingerprint: api.fingerprint });
    expect(facts?.issuer).toContain('PVE Cluster Manager CA');
    expect(new Date(facts?.validTo ?? '').getTime()).toBeGreaterThan(Date.now());
  });

  it('are refused when nobody vouches for them, with the fingerprint and what to do, before anything is sent', async () => {
    const { error, reached } = await ask({});
    expect(error).toMatchObject({ kind: 'tls', code: 'proxmox-tls' });
    expect(error?.message).toContain(api.fingerprint);
    expect(error?.hint).toContain(`PROXMOX_FINGERPRINT=${api.fingerprint}`);
    expect(error?.hint).toContain('PROXMOX_CA_FILE');
    expect(reached).toBe(0);
  });

  it('are refused for a name they do not hold, with the fingerprint', async () => {
    // Loopback too, but not among the certificate's names.
    const { error, reached } = await ask({ ca: api.caPem }, api.url.replace('localhost', '127.0.0.2'));
    if (error?.kind === 'unreachable') return; // Some systems have no second loopback address.
    expect(error).toMatchObject({ kind: 'tls', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(error?.hint).toContain(`PROXMOX_FINGERPRINT=${api.fingerprint}`);
    expect(reached).toBe(0);
  });

  it('are accepted by their fingerprint alone, one of several, in any notation', async () => {
    const fingerprints = ['00'.repeat(32), api.fingerprint.replaceAll(':', '').toLowerCase()];
    const { error, facts } = await ask({ fingerprints });
    expect(error).toBeUndefined();
    expect(facts?.verifiedBy).toBe('fingerprint');
  });

  it('are refused when another fingerprint is pinned, even if the CA signed them, and nothing is sent', async () => {
    const { error, reached } = await ask({ ca: api.caPem, fingerprints: ['00'.repeat(32)], insecure: true });
    expect(error).toMatchObject({ kind: 'tls', reason: 'FINGERPRINT_MISMATCH' });
    expect(error?.message).toContain(api.fingerprint);
    expect(reached).toBe(0);
  });

  it('are not looked at when that was asked for, which the facts tell', async () => {
    const { error, facts } = await ask({ insecure: true });
    expect(error).toBeUndefined();
    expect(facts?.verifiedBy).toBe('none');
  });

  it('of another CA do not pass', async () => {
    const { error } = await ask({ ca: (await issueCertificates([], 'another-cluster')).ca.pem });
    expect(error).toMatchObject({ kind: 'tls' });
  });
});

describe('what listens elsewhere', () => {
  it('is told apart: nothing there, an unknown name, something without HTTPS', async () => {
    expect((await ask({}, 'https://127.0.0.1:1')).error).toMatchObject({ kind: 'unreachable' });
    const unknown = (await ask({}, 'https://no-such-host.invalid')).error;
    expect(unknown).toMatchObject({ kind: 'unreachable' });
    expect(unknown?.hint).toContain('cannot be resolved');

    const plain = createServer(socket => socket.end('220 mail.example.com ESMTP\r\n'));
    await new Promise<void>(done => plain.listen(0, '127.0.0.1', done));
    const { port } = plain.address() as { port: number };
    const error = (await ask({}, `https://127.0.0.1:${port}`)).error;
    plain.close();
    expect(error).toBeInstanceOf(ProxmoxError);
    expect(error).toMatchObject({ kind: 'unreachable' });
    expect(error?.hint).toContain('does not speak HTTPS');
  });
});
