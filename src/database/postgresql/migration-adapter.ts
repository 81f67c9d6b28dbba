import type { AdapterFactory } from '../migrate/engine.ts';
import { adapterOf } from './adapter.ts';
import { inSchemaOf } from './own-schema.ts';

/**
 * Connections for the schema engine. One connection, and a migration's statements go in one message, which PostgreSQL
 * runs as one transaction: the adapter would send them one by one, and a failure would leave the first behind.
 */
export function migrationFactory(url: string): AdapterFactory {
  const factory = adapterOf(url, { max: 1 });
  return {
    provider: 'postgres',
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      adapter.executeScript = async script => {
        await adapter.underlyingDriver().query(inSchemaOf(url, script));
      };
      return adapter;
    },
    connectToShadowDb: () => factory.connectToShadowDb(),
  };
}
