import { ApiError } from '../api-error.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { Storage } from '../types.ts';
import { storageMutations } from '../world/storages.ts';
import { storageDigest } from './storage.ts';

const check = { on: '/storage', privileges: ['Datastore.Allocate'] };
const writes = 'file-storage_cfg';
const flag = { type: 'boolean' } as const;

/** Storage definitions. No task, no line in the cluster log, and no check before one is removed. */
export const storageWriteRoutes: Route[] = [
  {
    method: 'PUT',
    path: '/storage/{storage}',
    writes,
    check,
    // `path` and `type` are fixed once a storage is defined.
    parameters: {
      rules: {
        content: {},
        nodes: {},
        disable: flag,
        shared: flag,
        delete: {},
        digest: { maxLength: 64 },
        'prune-backups': {},
        server: {},
      },
    },
    answer: change,
  },
  {
    method: 'DELETE',
    path: '/storage/{storage}',
    writes,
    check,
    answer: request => {
      const { storage } = found(request, 'delete');
      storageMutations(request.state).removeStorage(storage, { user: request.account.id });
      request.state.storageWrites++;
      return null;
    },
  },
];

function found({ state, path }: ApiRequest, what: string): Storage {
  const storage = state.storages.get(path.storage!);
  if (storage === undefined)
    throw new ApiError(500, `${what} storage failed: storage '${path.storage}' does not exist`);
  return storage;
}

function change(request: ApiRequest): { storage: string; type: string } {
  const { state, body, account } = request;
  const { storage, type } = found(request, 'update');
  if (body.digest !== undefined && body.digest !== storageDigest(state))
    throw new ApiError(
      500,
      'update storage failed: detected modified configuration - file changed by other user? Try again.',
    );
  const removed = (body.delete ?? '').split(',');
  const by = { user: account.id };
  const world = storageMutations(state);
  if (body.disable !== undefined || removed.includes('disable'))
    world.setStorageDisabled(storage, body.disable === '1', by);
  const nodes = removed.includes('nodes') ? null : body.nodes?.split(',');
  world.editStorage(
    storage,
    {
      ...(body.content === undefined ? {} : { content: body.content.split(',') }),
      ...(nodes === undefined ? {} : { nodes }),
      ...(body.shared === undefined ? {} : { shared: body.shared === '1' }),
    },
    by,
  );
  state.storageWrites++;
  return { storage, type };
}
