export { type Credentials, parseToken } from './auth.ts';
export { parseBaseUrl } from './base-url.ts';
export {
  createProxmoxClient,
  type ProxmoxClient,
  type ProxmoxReader,
  type ProxmoxRun,
  type RequestObserver,
} from './client.ts';
export { allEndpoints, apiCoverageMarkdown } from './coverage.ts';
export * from './endpoints/index.ts';
export { ProxmoxError } from './proxmox-error.ts';
export { type SeenCertificate, seeCertificate } from './see-certificate.ts';
export type { TlsOptions } from './tls.ts';
export { fieldOf, hasUnread, isCut, isUnread, isWhole } from './unread.ts';
export { warningText } from './warnings.ts';
