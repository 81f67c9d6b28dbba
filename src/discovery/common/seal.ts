import { randomBytes } from 'node:crypto';
import { LONGEST } from '../../model/limits.ts';
import { NEWEST_SEALS, SEALS_NOTE } from '../../model/seals.ts';
import type { Store, StoreReader } from '../../model/store.ts';
import { maskValue, type Replace } from '../../text/mask.ts';
import { createSeal, sealAnew } from '../../text/seal.ts';

/** Names no client's note has. */
const KEY = 'store: key of seals';

/** The store's seal, null before a discovery made one. */
export async function storedSeal(store: StoreReader): Promise<Replace | null> {
  const key = await store.note(KEY);
  return key === null ? null : createSeal(key);
}

/**
 * The store's seal, made with the first discovery; whoever calls holds the lease, so that there is one. What older
 * versions of this program stored in the clear, or did not know to be secret, is sealed before anything is compared to it:
 * a secret in another form is no change, nor is what they took for one.
 */
export async function sealOf(store: Store): Promise<Replace> {
  let seal = await storedSeal(store);
  if (seal === null) {
    const key = randomBytes(32).toString('base64');
    await store.saveNote(KEY, key);
    seal = createSeal(key);
  }
  if ((await store.note(SEALS_NOTE)) !== NEWEST_SEALS) {
    const anew = sealAnew(seal);
    await store.maskAll({
      told: (path, value) => maskValue(path, value, seal),
      compared: (path, value) => maskValue(path, value, anew),
    });
    await store.saveNote(SEALS_NOTE, NEWEST_SEALS);
  }
  return seal;
}

/** What no reader takes, as it is longer than anything that is kept, stays as long: its seal would be another value, and so a change. */
export function keepingLength(seal: Replace): Replace {
  return secret => (secret.length > LONGEST.text ? '*'.repeat(secret.length) : seal(secret));
}
