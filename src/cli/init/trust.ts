import { describeError } from '../../errors.ts';
import { ProxmoxError, type SeenCertificate, seeCertificate, type TlsOptions } from '../../proxmox/index.ts';
import type { Host } from '../host.ts';
import { bold, warning } from '../render/style.ts';

/**
 * Looks at every address's certificate before any secret is sent. One that is not trusted is shown to the person at the terminal;
 * if they recognise it, it is pinned, and the other ones with it, since pins alone decide. Resolves to the pins; null if none are
 * needed.
 * @throws ProxmoxError for a certificate that nobody confirms
 */
export async function agreeOnCertificates(
  urls: readonly string[],
  { tls, timeoutMs }: { tls: TlsOptions; timeoutMs: number },
  { output, confirm, terminal }: Pick<Host, 'output' | 'confirm' | 'terminal'>,
): Promise<string[] | null> {
  if (tls.insecure) return null;
  const seen: SeenCertificate[] = [];
  for (const url of urls) {
    try {
      seen.push(await seeCertificate(url, tls, timeoutMs));
    } catch (error) {
      // The report tells which of several addresses answer; a single one must.
      if (urls.length === 1 || !(error instanceof ProxmoxError)) throw error;
      output.note(warning(`! ${describeError(error)}\n`));
    }
  }
  const untrusted = seen.filter(({ refusal }) => refusal !== null);
  for (const { facts, refusal } of untrusted) {
    if (terminal === null) throw refusal!;
    output.note(
      `\n${refusal!.message.replace(/ It is for .*$/, '')}\n` +
        `  for          ${facts.subject}\n  issued by    ${facts.issuer}\n  valid to     ${facts.validTo.slice(0, 10)}\n` +
        `  SHA-256      ${bold(facts.fingerprint)}\n` +
        "Compare it with what the node itself shows: 'pvenode cert info', or Node > System > Certificates.\n",
    );
    if (!(await confirm('Is it the same, and shall this certificate be trusted from now on?')))
      throw refusal!;
  }
  return untrusted.length === 0 ? null : [...new Set(seen.map(({ facts }) => facts.fingerprint))];
}
