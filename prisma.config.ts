import { defineConfig } from 'prisma/config';

// `generate` and `validate` never run the schema engine, but the CLI insists on downloading it unless one is named.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: 'prisma/schema.prisma' });
