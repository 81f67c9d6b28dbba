import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  SqlQueryable,
} from '@prisma/driver-adapter-utils';
import { redeemed } from '../sql/large-parameters.ts';

/**
 * Connections that release a query's values once it has run. Prisma's adapters keep their last hundred queries for debugging,
 * including values, even when nobody debugs: a hundred bulk writes would stay in memory.
 */
export function nonRetaining(
  factory: SqlDriverAdapterFactory,
  prepare: (adapter: SqlDriverAdapter) => Promise<void> = async () => {},
): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = forgetting(await factory.connect());
      const start = adapter.startTransaction.bind(adapter);
      adapter.startTransaction = async isolation => forgetting(await start(isolation));
      await prepare(adapter);
      return adapter;
    },
  };
}

function forgetting<Q extends SqlQueryable>(queryable: Q): Q {
  const forget =
    <R>(run: (query: SqlQuery) => Promise<R>) =>
    async (query: SqlQuery) => {
      // A copy, because the client still logs its own.
      const noted = { ...query, args: query.args.map(redeemed) };
      try {
        return await run(noted);
      } finally {
        noted.args.length = 0;
      }
    };
  queryable.queryRaw = forget(queryable.queryRaw.bind(queryable));
  queryable.executeRaw = forget(queryable.executeRaw.bind(queryable));
  return queryable;
}
