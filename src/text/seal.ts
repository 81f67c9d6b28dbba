import { createHmac } from 'node:crypto';
import type { Replace } from './carry-back.ts';

/**
 * What the store holds in place of a secret: `(secret~1f3a)`, 16 bits of its HMAC under this key. A change of the secret is
 * missed once in 65,536 times; and since countless secrets share each seal, a guess cannot be confirmed by it, even with the key.
 * A seal is not sealed again. See docs/adr/0010-secrets-are-not-stored.md.
 */
export function createSeal(key: string): Replace {
  return secret => {
    if (SEALED.test(secret)) return secret;
    const seal = `(secret~${createHmac('sha256', key).update(secret).digest('hex').slice(0, 4)})`;
    return seal === OLDER_SEAL ? '(secret~0001)' : seal;
  };
}

/**
 * Replaces seals made by an older generation of this program. The rules for where a secret begins and ends may have changed
 * since, so such a value cannot be compared with one read later.
 */
const OLDER_SEAL = '(secret~0000)';

/** Seals as `seal` does, and turns every existing seal into one that cannot be compared. */
export function sealAnew(seal: Replace): Replace {
  return secret => (HOLDS_SEAL.test(secret) ? OLDER_SEAL : seal(secret));
}

/** Whether part of this value was sealed by an older generation. */
export function holdsOlderSeal(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsOlderSeal);
  return typeof value === 'string' && value.includes(OLDER_SEAL);
}

const HOLDS_SEAL = /\(secret~[0-9a-f]{4}\)/;
const SEALED = /^\(secret~[0-9a-f]{4}\)$/;
