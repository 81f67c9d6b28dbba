import { UsageError } from '../errors.ts';
import { oneLine } from './proxmox-error.ts';

/** A fingerprint in the form `AB:CD:...` from any usual notation. @throws UsageError. */
export function normaliseFingerprint(text: string): string {
  const hex = text
    .trim()
    .replace(/^sha-?256(\s+fingerprint)?\s*[:=]\s*/i, '')
    .replace(/[:\s]/g, '')
    .toUpperCase();
  if (/^[0-9A-F]{64}$/.test(hex)) return hex.replace(/(..)(?=.)/g, '$1:');
  throw new UsageError(
    /^[0-9A-F]{40}$/.test(hex)
      ? `'${oneLine(text, 100)}' is a SHA-1 fingerprint; a SHA-256 one has 32 pairs of digits`
      : `'${oneLine(text, 100)}' is not a SHA-256 fingerprint: 32 pairs of hexadecimal digits, as in AB:CD:...`,
    { hint: "Proxmox shows it under Node > System > Certificates, or 'pvenode cert info' prints it." },
  );
}
