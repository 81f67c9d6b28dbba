import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../log.ts';
import { DatabaseOptionsError } from './errors.ts';
import type { SessionOptions } from './session/session.ts';

/** How a store is opened. */
export interface StoreOptions extends Partial<SessionOptions> {
  /** `file:/path/store.db`, or `postgresql://user:password@host:5432/name`. */
  url: string;
  /** The engine that the URL must be for; taken from the URL where absent. */
  provider?: 'sqlite' | 'postgresql' | undefined;
  /** The folder that holds `prisma/` and the schema engine. */
  packageRoot: string;
  log?: Log | undefined;
  /** Apply pending migrations at open. The default is true for SQLite and false for PostgreSQL. */
  autoMigrate?: boolean | undefined;
  /**
   * The folder for the copies that rollback, restore and reset take of a PostgreSQL store; SQLite's copies are beside its file.
   */
  backupFolder?: string | undefined;
  /** PostgreSQL's pool size. */
  maxConnections?: number | undefined;
  /** Log every query at debug level. */
  queryLog?: boolean | undefined;
  /** The clock of commits and runs, in ms since 1970. */
  now?: (() => number) | undefined;
}

/** What a URL names. */
export type Target = { provider: 'sqlite'; path: string } | { provider: 'postgresql'; url: string };

/** The engine and place that a URL names. @throws DatabaseOptionsError when it names none, or contradicts the provider. */
export function parseTarget({ url, provider }: Pick<StoreOptions, 'url' | 'provider'>): Target {
  const target = targetOf(url.trim());
  if (provider && provider !== target.provider) {
    throw new DatabaseOptionsError(
      `DATABASE_PROVIDER is ${provider}, but DATABASE_URL is for ${target.provider}.`,
      {
        hint: 'Leave DATABASE_PROVIDER out, or make both say the same.',
      },
    );
  }
  return target;
}

function targetOf(url: string): Target {
  if (/^postgres(ql)?:\/\//i.test(url)) {
    if (!URL.canParse(url)) throw new DatabaseOptionsError('DATABASE_URL is no valid PostgreSQL address.');
    assertSchema(url);
    return { provider: 'postgresql', url };
  }
  if (!/^file:/i.test(url))
    throw new DatabaseOptionsError('DATABASE_URL names neither SQLite nor PostgreSQL.');
  const path = url.startsWith('file:///')
    ? fileURLToPath(url.split('?')[0]!)
    : url.slice('file:'.length).split('?')[0]!;
  if (path === '' || path.includes(':memory:')) {
    throw new DatabaseOptionsError('DATABASE_URL names no file: a store lasts longer than its process.');
  }
  if (path.includes('\0')) throw new DatabaseOptionsError('DATABASE_URL holds a character no path may have.');
  return { provider: 'sqlite', path: resolve(path) };
}

/** @throws DatabaseOptionsError for an invalid schema name, or a schema set in another way than `?schema=`. */
function assertSchema(url: string): void {
  const { searchParams } = new URL(url);
  if (/search_path/i.test(searchParams.get('options') ?? ''))
    throw new DatabaseOptionsError(
      'DATABASE_URL sets search_path in its options: ?schema=NAME names a schema.',
    );
  const schema = searchParams.get('schema');
  if (schema === null) return;
  if (
    !/^[a-z_][a-z0-9_-]{0,62}$/i.test(schema) ||
    /^pg_|^information_schema$/i.test(schema) ||
    searchParams.getAll('schema').length > 1
  )
    throw new DatabaseOptionsError(
      'DATABASE_URL names a schema that no store may have: letters, digits, _ and - make its name.',
    );
}

/** Whether a store's address contains a password, so that it must not be shown. */
export function holdsPassword(url: string): boolean {
  if (!/^postgres(ql)?:/i.test(url.trim())) return false;
  if (!URL.canParse(url.trim())) return true;
  const { password, searchParams } = new URL(url.trim());
  return password !== '' || [...searchParams.keys()].some(key => /pass|secret|token/i.test(key));
}

/** A target for people and logs: a path, or an address without user, password and options. */
export function describeTarget(target: Target): string {
  if (target.provider === 'sqlite') return target.path;
  const { hostname, port, pathname } = new URL(target.url);
  const schema = schemaOf(target.url);
  return `postgresql://${hostname}${port ? `:${port}` : ''}${pathname}${schema === null ? '' : `?schema=${schema}`}`;
}

/** The schema named in a PostgreSQL address as in Prisma's (`?schema=lab`); null where none is. */
export function schemaOf(url: string): string | null {
  return new URL(url).searchParams.get('schema');
}

/**
 * A text that is equal for any two addresses of one store: a file, or a schema in a server's database. A server may have several
 * names; then the clusters recorded in the stores tell them apart.
 */
export function placeOf(target: Target): string {
  if (target.provider === 'sqlite') return target.path;
  const { hostname, port, pathname, searchParams } = new URL(target.url);
  const host = (searchParams.get('host') ?? hostname).toLowerCase();
  return [
    host,
    searchParams.get('port') ?? (port || '5432'),
    decodeURIComponent(pathname),
    schemaOf(target.url) ?? 'public',
  ].join(' ');
}
