import { randomBytes } from 'node:crypto';
import { NEWEST_SEALS, SEALS_NOTE } from '../../model/seals.ts';
import type { Store, StoreReader } from '../../model/store.ts';
import type { ProxmoxRun } from '../../proxmox/client.ts';
import { copyUnread } from '../../proxmox/unread.ts';
import { maskValue, type Replace } from '../../text/mask.ts';
import { createSeal } from '../../text/seal.ts';

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
 * a secret in another form is no change.
 */
export async function sealOf(store: Store): Promise<Replace> {
  let seal = await storedSeal(store);
  if (seal === null) {
    const key = randomBytes(32).toString('base64');
    await store.saveNote(KEY, key);
    seal = createSeal(key);
  }
  if ((await store.note(SEALS_NOTE)) !== NEWEST_SEALS) {
    await store.maskAll((path, value) => maskValue(path, value, seal));
    await store.saveNote(SEALS_NOTE, NEWEST_SEALS);
  }
  return seal;
}

/** The same API, in whose answers every secret is sealed: the one way by which anything gets into the store. */
export function sealedRun(api: ProxmoxRun, seal: Replace): ProxmoxRun {
  const sealed = <T>(data: T) => {
    const copy = maskValue('', data, seal) as T;
    copyUnread(data, copy);
    return copy;
  };
  return {
    get: async (...request) => sealed(await api.get(...request)),
    getPage: async (...request) => {
      const page = await api.getPage(...request);
      return { ...page, data: sealed(page.data) };
    },
    get calls() {
      return api.calls;
    },
    get baseUrl() {
      return api.baseUrl;
    },
    takeWarnings: () => api.takeWarnings(),
    silentNodes: () => api.silentNodes(),
  };
}
