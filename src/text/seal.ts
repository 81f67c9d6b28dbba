import { createHmac } from 'node:crypto';
import type { Replace } from './carry-back.ts';

/**
 * What stands in the store instead of a secret: `(secret~1f3a)`, 16 bits of its HMAC under this key. Two secrets differ in
 * it but for one pair in 65,536, so a change is seen; and since each value of it fits countless secrets, no guess can be
 * confirmed by it, not even by who reads the key. What is sealed stays so. See docs/adr/0010-secrets-are-not-stored.md.
 */
export function createSeal(key: string): Replace {
  return secret => {
    if (SEALED.test(secret)) return secret;
    const seal = `(secret~${createHmac('sha256', key).update(secret).digest('hex').slice(0, 4)})`;
    return seal === OLDER_SEAL ? '(secret~0001)' : seal;
  };
}

/**
 * Stands for what an older generation of this program sealed. Where a secret begins and ends may be seen otherwise since, so a
 * value that holds it cannot be compared with one that was read later.
 */
const OLDER_SEAL = '(secret~0000)';

/** Seals as this one does, and makes one that cannot be compared of every seal that is there already. */
export function sealAnew(seal: Replace): Replace {
  return secret => (HOLDS_SEAL.test(secret) ? OLDER_SEAL : seal(secret));
}

/** Whether something in this value was sealed by an older generation. */
export function holdsOlderSeal(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsOlderSeal);
  return typeof value === 'string' && value.includes(OLDER_SEAL);
}

const HOLDS_SEAL = /\(secret~[0-9a-f]{4}\)/;
const SEALED = /^\(secret~[0-9a-f]{4}\)$/;
