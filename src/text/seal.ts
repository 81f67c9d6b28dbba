import { createHmac } from 'node:crypto';
import type { Replace } from './mask.ts';

/**
 * What stands in the store instead of a secret: `(secret~1f3a)`, 16 bits of its HMAC under this key. Two secrets differ in
 * it but for one pair in 65,536, so a change is seen; and since each value of it fits countless secrets, no guess can be
 * confirmed by it, not even by who reads the key. What is sealed stays so. See docs/adr/0010-secrets-are-not-stored.md.
 */
export function createSeal(key: string): Replace {
  return secret =>
    SEALED.test(secret)
      ? secret
      : `(secret~${createHmac('sha256', key).update(secret).digest('hex').slice(0, 4)})`;
}

const SEALED = /^\(secret~[0-9a-f]{4}\)$/;
