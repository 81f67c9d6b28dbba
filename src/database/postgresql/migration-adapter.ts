import type { AdapterFactory } from '../migrate/engine.ts';
import { adapterOf } from './adapter.ts';
import { inSchemaOf } from './own-schema.ts';

/**
 * Connections for the schema engine: a single one, and each migration's statements in one message, which PostgreSQL runs as one
 * transaction. The adapter would send them one by one, and a failure would leave the first ones applied.
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
