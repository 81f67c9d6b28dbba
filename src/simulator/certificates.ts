import './reflect-metadata.ts';
import { createHash, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { day } from './timing.ts';

/** A certificate as shown by `/nodes/{node}/certificates/info`: PEM, fingerprint, validity in seconds since 1970. */
export interface CertificateFacts {
  filename: 'pve-root-ca.pem' | 'pve-ssl.pem';
  pem: string;
  /** SHA-256 of the DER form as `AA:BB:...`. */
  fingerprint: string;
  subject: string;
  issuer: string;
  notbefore: number;
  notafter: number;
  san: string[];
  'public-key-type': string;
  'public-key-bits': number;
}

/** The cluster's own CA and a certificate per node; all nodes share one key pair to save start-up time. */
export interface ClusterCertificates {
  ca: CertificateFacts;
  nodes: Map<string, CertificateFacts>;
  /** The key of all node certificates as PKCS#8 PEM. */
  nodeKeyPem: string;
}

const signing = { name: 'ECDSA', hash: 'SHA-256' };
const curve = { name: 'ECDSA', namedCurve: 'P-256' };

/** SHA-256 fingerprint of a DER certificate in the form PVE prints: upper-case hex pairs joined by colons. */
function fingerprintOf(der: ArrayBuffer | Uint8Array): string {
  const hex = createHash('sha256').update(new Uint8Array(der)).digest('hex').toUpperCase();
  return hex.match(/../g)!.join(':');
}

/**
 * Issues what `pvecm` issues for a cluster: a root CA named after the cluster's uuid and a leaf per node whose
 * subject alternative names include localhost and both loopback addresses. P-256 instead of PVE's RSA: milliseconds
 * instead of seconds. Valid from a year before the real present, because TLS clients judge by the real clock.
 */
export async function issueCertificates(
  nodes: { name: string; ip: string }[],
  clusterUuid: string,
): Promise<ClusterCertificates> {
  const caKeys = await generateKeys();
  const nodeKeys = await generateKeys();
  const notBefore = new Date(Date.now() - 365 * day);
  const caSubject = `CN=Proxmox Virtual Environment, OU=${clusterUuid}, O=PVE Cluster Manager CA`;
  const caCertificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: caSubject,
    notBefore,
    notAfter: new Date(Date.now() + 3650 * day),
    signingAlgorithm: signing,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const issued = new Map<string, CertificateFacts>();
  for (const [index, node] of nodes.entries()) {
    const san = ['127.0.0.1', '::1', 'localhost', node.ip, node.name];
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (index + 2).toString(16).padStart(4, '0'),
      subject: `OU=PVE Cluster Node, O=Proxmox Virtual Environment, CN=${node.name}`,
      issuer: caCertificate.subject,
      notBefore,
      notAfter: new Date(Date.now() + 730 * day),
      signingAlgorithm: signing,
      publicKey: nodeKeys.publicKey,
      signingKey: caKeys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          san.map(value => ({ type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const), value })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(caCertificate),
      ],
    });
    issued.set(node.name, facts('pve-ssl.pem', certificate, san));
  }
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', nodeKeys.privateKey));
  return {
    ca: facts('pve-root-ca.pem', caCertificate, []),
    nodes: issued,
    nodeKeyPem: pem('PRIVATE KEY', pkcs8),
  };
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify'])) as CryptoKeyPair;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function facts(
  filename: CertificateFacts['filename'],
  certificate: x509.X509Certificate,
  san: string[],
): CertificateFacts {
  return {
    filename,
    pem: pem('CERTIFICATE', Buffer.from(certificate.rawData)),
    fingerprint: fingerprintOf(certificate.rawData),
    subject: slashes(certificate.subject),
    issuer: slashes(certificate.issuer),
    notbefore: Math.floor(certificate.notBefore.getTime() / 1000),
    notafter: Math.floor(certificate.notAfter.getTime() / 1000),
    // PVE writes the IPv6 loopback out in full.
    san: san.map(value => (value === '::1' ? '0000:0000:0000:0000:0000:0000:0000:0001' : value)),
    'public-key-type': 'id-ecPublicKey',
    'public-key-bits': 256,
  };
}

/** OpenSSL's one-line form, which PVE uses: `/CN=a/O=b`. */
function slashes(name: string): string {
  return `/${name.split(', ').join('/')}`;
}
