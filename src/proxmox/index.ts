export type { Page } from './answer.ts';
export { type Credentials, parseToken } from './auth.ts';
export { parseBaseUrl } from './base-url.ts';
export {
  createProxmoxClient,
  type GetOptions,
  type ProxmoxClient,
  type ProxmoxOptions,
  type ProxmoxReader,
  type ProxmoxRun,
  type RequestObserver,
} from './client.ts';
export { allEndpoints, apiCoverageMarkdown } from './coverage.ts';
export * from './endpoints/index.ts';
export { normaliseFingerprint } from './fingerprint.ts';
export { ProxmoxError, type ProxmoxErrorKind } from './proxmox-error.ts';
export { type SeenCertificate, seeCertificate } from './see-certificate.ts';
export type { TlsFacts, TlsOptions } from './tls.ts';
export type { RequestReport } from './transport.ts';
export type { ProxmoxWarning } from './warnings.ts';
