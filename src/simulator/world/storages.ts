import { makeStorage, type StoragePlan } from '../build/build-storage.ts';
import type { ClusterState } from '../state.ts';
import { storageUsed } from '../usage.ts';
import { type By, root } from './act.ts';

/** Storage definitions and mounts. Edits of definitions make neither tasks nor log lines. */
export function storageMutations(state: ClusterState) {
  const edit = (storage: string, by: By | null, act: () => void): void => {
    const cause = by === null ? undefined : { user: by.user ?? root, type: 'update' };
    state.truth.watch(`storage/${storage}`, cause, act);
  };

  return {
    /** Disables a storage: it stays in `/storage`, but its rows leave `/cluster/resources`. */
    setStorageDisabled(storage: string, disabled: boolean, by: By = {}): void {
      edit(storage, by, () => {
        state.storage(storage).disabled = disabled;
      });
    },

    /** Makes a storage unreachable (or reachable) from nodes, by default all. The truth lists the nodes as `unreachable`. */
    setStorageUnreachable(
      storage: string,
      unreachable: boolean,
      nodes: readonly string[] = [...state.nodes.keys()],
    ): void {
      edit(storage, null, () => {
        for (const node of nodes) {
          if (unreachable) state.storage(storage).unreachable.set(node, state.clock.now());
          else state.storage(storage).unreachable.delete(node);
        }
      });
    },

    /** Changes a storage's content types, nodes (`null`: all), shared flag and options. */
    editStorage(
      storage: string,
      changes: {
        content?: string[];
        nodes?: string[] | null;
        shared?: boolean;
        options?: { [option: string]: string };
      },
      by: By = {},
    ): void {
      edit(storage, by, () => {
        const target = state.storage(storage);
        if (changes.content !== undefined) target.content = [...changes.content];
        if (changes.options !== undefined) target.options = { ...target.options, ...changes.options };
        if (changes.shared !== undefined) target.shared = changes.shared;
        if (changes.nodes !== undefined)
          target.nodes = changes.nodes === null ? undefined : [...changes.nodes];
      });
    },

    /** Fills a storage to this share (0 to 1), or empties it. */
    fillStorage(storage: string, share: number): void {
      state.storage(storage).fills.push({ at: state.clock.now(), share });
    },

    /** How full a storage is, as the first node sees it. Bytes. */
    fillOf(storage: string): { total: number; used: number } {
      const target = state.storage(storage);
      return { total: target.total, used: storageUsed(state, target, [...state.nodes.values()][0]!) };
    },

    /** Makes a storage grow by `bytesPerDay`, as if it always had. */
    growStorage(storage: string, bytesPerDay: number): void {
      state.storage(storage).growsBy = bytesPerDay;
    },

    /** Defines a storage. */
    addStorage(plan: StoragePlan, by: By = {}): void {
      if (state.storages.has(plan.storage)) throw new Error(`storage ${plan.storage} exists already`);
      state.storages.set(plan.storage, makeStorage(state, plan));
      state.truth.note(`storage/${plan.storage}`, 'created', { user: by.user ?? root, type: 'create' });
    },

    /** Puts an ISO image of `size` bytes on a storage: `local:iso/debian.iso`. */
    addImage(volid: string, size: number): void {
      const storage = volid.split(':')[0]!;
      const ctime = state.clock.seconds();
      state.volumes.push({ volid, storage, node: undefined, content: 'iso', format: 'iso', size, ctime });
    },

    /** Removes a definition; the storage's content is no longer seen. */
    removeStorage(storage: string, by: By = {}): void {
      state.storage(storage);
      state.storages.delete(storage);
      state.truth.note(`storage/${storage}`, 'deleted', { user: by.user ?? root, type: 'delete' });
    },
  };
}
