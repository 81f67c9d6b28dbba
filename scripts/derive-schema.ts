/**
 * The PostgreSQL schema for a SQLite schema: the same models with another provider and client folder. JSON columns are `json`,
 * the text as written, as on SQLite: `jsonb` took three times as long to read, and reorders keys.
 */
export function derivePostgresqlSchema(sqlite: string): string {
  const models = sqlite
    .slice(sqlite.indexOf('generator client'))
    .replace('"../src/database/generated/sqlite"', '"../../src/database/generated/postgresql"')
    .replace('provider = "sqlite"', 'provider = "postgresql"')
    .replace(/^( +\w+ +Json\??)/gm, '$1 @db.Json');
  return `// Derived from ../schema.prisma by \`npm run migration\`. Do not edit.\n\n${models}`;
}
