import { randomBytes } from 'node:crypto';
import { LONGEST } from '../../model/limits.ts';
import { NEWEST_SEALS, SEALS_NOTE } from '../../model/seals.ts';
import type { Store, StoreReader } from '../../model/store.ts';
import type { Replace } from '../../text/carry-back.ts';
import { maskValue } from '../../text/mask.ts';
import { createSeal, sealAnew } from '../../text/seal.ts';

/** A name that no client's setting can have. */
const KEY = 'store: key of seals';

/** The store's seal; null before the first discovery. */
export async function storedSeal(store: StoreReader): Promise<Replace | null> {
  const key = await store.note(KEY);
  return key === null ? null : createSeal(key);
}

/**
 * The store's seal, made by the first discovery. Call it while holding the lease, so that there is only one. Secrets that older
 * versions stored in the clear, or did not recognise, are sealed before anything is compared with them: a secret in another form
 * is no change.
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
      shown: (path, value) => maskValue(path, value, seal),
      compared: (path, value) => maskValue(path, value, anew),
    });
    await store.saveNote(SEALS_NOTE, NEWEST_SEALS);
  }
  return seal;
}

/**
 * A text longer than anything that is kept is masked at its own length: sealing would make it a shorter value that passes, and so
 * a change.
 */
export function keepingLength(seal: Replace): Replace {
  return secret => (secret.length > LONGEST.text ? '*'.repeat(secret.length) : seal(secret));
}
