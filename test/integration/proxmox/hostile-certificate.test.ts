import '../../../src/simulator/reflect-metadata.ts';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { reportConnection } from '../../../src/cli/connection-report.ts';
import { agreeOnCertificates } from '../../../src/cli/init/trust.ts';
import { reportText } from '../../../src/cli/test-connection.ts';
import { createProxmoxClient } from '../../../src/proxmox/index.ts';

/** What a certificate's names may hold. */
const NAMES = [
  'pve1\u202e\u2066moc.live\u2069',
  'pve1\n  SHA-256      AA:BB:CC',
  'a\u200b\u200d\ufeff\u00adb\u{e0041}\u{e007f}',
  '\u001b[2J\u001b]0;owned\u0007x',
  '\u009b31mred\u2028next\u0085line',
  'x'.repeat(5_000),
];

async function serverNamed(name: string) {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: new x509.Name([{ CN: [{ utf8String: name }] }, { O: [{ utf8String: name }] }]),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys,
  });
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  const server = createServer({ cert: certificate.toString('pem'), key }, socket =>
    socket.on('error', () => {}),
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test.each(NAMES)('names in a certificate are data: %j', async name => {
  const { url, close } = await serverNamed(name);
  try {
    let said = '';
    const output = {
      out: () => {},
      note: (text: string) => {
        said += text;
      },
      width: null,
      live: null,
    };
    const terminal = {
      ask: async () => '',
      askWithin: async () => null,
      seen: true,
      askSecret: async () => '',
    };
    const confirm = async () => false;
    const options = { tls: {}, timeoutMs: 5_000 };
    const refused = await agreeOnCertificates([url], options, { output, confirm, terminal }).catch(e => e);
    const client = createProxmoxClient({
      urls: [url],
      credentials: { token: 'a@pve!b=c' },
      tls: {},
      timeoutMs: 5_000,
    });
    const report = reportText(await reportConnection(url, client), true);
    client.close();
    for (const text of [said, refused.message, report]) {
      expect(text.replaceAll('\n', '')).not.toMatch(
        /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
      );
      expect(text.length).toBeLessThan(3_000);
    }
    expect(said.trim().split('\n')).toHaveLength(6);
    expect(said.match(/^ {2}SHA-256/gm)).toHaveLength(1);
    expect(report.trim().split('\n')).toHaveLength(3);
  } finally {
    close();
  }
});
