import { UsageError } from '../errors.ts';
import type { Facet } from '../model/facet.ts';
import type { AnswerSchema } from './schema.ts';

/** One GET of the Proxmox API: everything the client has to know about it. */
export interface Endpoint<Path extends string, Query extends string, Answer> {
  /** Path template below /api2/json with `{name}` for each path parameter. */
  readonly path: Path;
  /** Query parameters PVE knows; it refuses any other with 400. */
  readonly query: readonly Query[];
  readonly answer: AnswerSchema<Answer>;
  /** The facet it is read for, first of all; `none` for what only tells whom we talk to and what we may. */
  readonly facet: Facet | 'none';
  /** The privilege it needs, as PVE names it; `-` where it answers everyone, if only with what they may see. */
  readonly privilege: string;
  /** One line: what it answers. */
  readonly doc: string;
  /** It may hang on its own (guest agent, dead NFS): its timeout says nothing about the node. */
  readonly mayHang: boolean;
  /** Bytes its answer may have after decompression. */
  readonly maxBytes: number;
}

const MIB = 1024 * 1024;

/** The names in braces of a path template. */
export type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

/** Values for the path parameters of a template. */
export type PathParams<Path extends string> = { readonly [Name in PathNames<Path>]: string | number };

/** A query value; booleans are sent as 1 and 0, undefined is left out. */
export type QueryValue = string | number | boolean | undefined;

/** Declares an endpoint. Its answer may have 4 MiB unless `maxMiB` says otherwise. */
export function endpoint<const Path extends string, Answer, const Query extends string = never>(
  path: Path,
  declared: {
    answer: AnswerSchema<Answer>;
    facet: Facet | 'none';
    privilege: string;
    doc: string;
    query?: readonly Query[];
    mayHang?: boolean;
    maxMiB?: number;
  },
): Endpoint<Path, Query, Answer> {
  const { maxMiB = 4, ...others } = declared;
  return { query: [], mayHang: false, ...others, maxBytes: maxMiB * MIB, path };
}

/**
 * The path with its parameters filled in, each percent-encoded: a UPID holds `:`, `@` and `!`.
 * @throws UsageError for a parameter that is missing or would lead to another endpoint.
 */
export function fillPath(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    // `.` and `..` would survive encoding and be resolved away by URL parsing: another endpoint would be asked.
    if (value === undefined || value === '' || value === '.' || value === '..') {
      throw new UsageError(`'${value ?? ''}' cannot be the ${name} of ${template}`);
    }
    return encodeURIComponent(value);
  });
}

/** The query string with its `?`, or nothing. */
export function fillQuery(query: Readonly<Record<string, QueryValue>> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) search.set(key, String(typeof value === 'boolean' ? Number(value) : value));
  }
  return search.size === 0 ? '' : `?${search}`;
}
