import type { AclEntry } from '../rights.ts';
import type { ClusterState } from '../state.ts';

/** Tokens and their rights. An id may be given with its secret: `user@realm!name` or `user@realm!name=secret`. */
export function accessMutations(state: ClusterState) {
  const idOf = (token: string): string => token.split('=')[0]!;

  return {
    /** Replaces the rights of a token or user, effective with the next call. */
    setRights(token: string, acl: readonly AclEntry[]): void {
      const account = state.access.get(idOf(token));
      if (account === undefined) throw new Error(`there is no account ${idOf(token)}`);
      state.access.set({ ...account, acl });
    },

    /** Adds a token and returns it with its secret. */
    addToken(id: string, acl: readonly AclEntry[], secret: string = state.random.uuid()): string {
      state.access.set({ id, secret, acl });
      return `${id}=${secret}`;
    },

    /** Removes a token: its next call gets 401. */
    revokeToken(token: string): void {
      state.access.remove(idOf(token));
    },
  };
}
