import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import { DatabaseError } from '../errors.ts';
import { translateError } from '../translate-error.ts';

/** A driver adapter's factory as Prisma's packages export it. */
export type AdapterFactory = Parameters<typeof bindMigrationAwareSqlAdapterFactory>[0];

/** The schema engine's WebAssembly file: beside the bundle in a published package, in its npm package in a checkout. */
function schemaEngineWasm(packageRoot: string): string {
  const bundled = join(packageRoot, 'dist', 'schema_engine_bg.wasm');
  const installed = join(
    packageRoot,
    'node_modules',
    '@prisma',
    'schema-engine-wasm',
    'schema_engine_bg.wasm',
  );
  return existsSync(installed) ? installed : bundled;
}

let loaded: Promise<typeof import('@prisma/schema-engine-wasm/schema_engine_bg')> | undefined;

/** The part of WebAssembly used here, since TypeScript describes it only together with the browser's library. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: WasmExports } }>;
  };
};
interface WasmExports {
  __wbindgen_start(): void;
}

/** Loads 5 MB in some 70 ms: only once, and only when a migration is pending. */
async function load(packageRoot: string) {
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(schemaEngineWasm(packageRoot));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue });
  (glue as unknown as { __wbg_set_wasm(exports: WasmExports): void }).__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue;
}

/** Tells the engine to leave nothing out. */
export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Runs `work` with Prisma's schema engine on the database the factory connects to. The engine keeps its connection
 * (on SQLite: an exclusive lock) even after `free()`, so the adapters it opened are disposed here.
 */
export async function withSchemaEngine<T>(
  packageRoot: string,
  factory: AdapterFactory,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  loaded ??= load(packageRoot).catch(error => {
    loaded = undefined;
    throw error;
  });
  const { SchemaEngine } = await loaded;
  const opened: SqlDriverAdapter[] = [];
  let refused: unknown;
  const remember = async (connecting: Promise<SqlDriverAdapter>) => {
    const adapter = await connecting;
    opened.push(adapter);
    return noting(adapter, error => {
      refused ??= error;
    });
  };
  const disposable: AdapterFactory = {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: () => remember(factory.connect()),
    connectToShadowDb: () => remember(factory.connectToShadowDb()),
  };
  let engine: SchemaEngine | undefined;
  try {
    engine = await SchemaEngine.new(
      { datamodels: undefined },
      () => {},
      bindMigrationAwareSqlAdapterFactory(disposable),
    );
    return await work(engine);
  } catch (error) {
    const known = refused === undefined ? null : translateError(refused);
    throw known instanceof DatabaseError && known.code !== 'database' ? known : error;
  } finally {
    engine?.free();
    for (const adapter of opened) await adapter.dispose();
  }
}

/** The same connection, which reports its errors: of those it does not know, as of a lock, the engine only says so. */
function noting(adapter: SqlDriverAdapter, refused: (error: unknown) => void): SqlDriverAdapter {
  const noted =
    <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      try {
        return await run(...args);
      } catch (error) {
        refused(error);
        throw error;
      }
    };
  adapter.executeScript = noted(adapter.executeScript.bind(adapter));
  adapter.executeRaw = noted(adapter.executeRaw.bind(adapter));
  adapter.queryRaw = noted(adapter.queryRaw.bind(adapter));
  return adapter;
}
