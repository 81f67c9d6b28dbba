import { UsageError } from '../errors.ts';
import type { Facet } from '../model/facet.ts';
import type { AnswerSchema } from './schema.ts';

/** One GET of the Proxmox API, with everything the client needs to know about it. */
export interface Endpoint<Path extends string, Query extends string, Answer> {
  /** Path template below /api2/json with `{name}` for each path parameter. */
  readonly path: Path;
  /** The query parameters PVE accepts; it refuses others with 400. */
  readonly query: readonly Query[];
  readonly answer: AnswerSchema<Answer>;
  /** The main facet it is read for; `none` where it only tells who we talk to and what we may do. */
  readonly facet: Facet | 'none';
  /** The privilege it needs, in PVE's terms; `-` where everyone gets an answer, if only with what they may see. */
  readonly privilege: string;
  /** One line: what it returns. */
  readonly doc: string;
  /** It may hang by itself (guest agent, dead NFS), so that its timeout says nothing about the node. */
  readonly mayHang: boolean;
  /** Largest size of its answer after decompression, in bytes. */
  readonly maxBytes: number;
}

const MIB = 1024 * 1024;

/** The names in braces of a path template. */
export type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

/** Values for the path parameters of a template. */
export type PathParams<Path extends string> = { readonly [Name in PathNames<Path>]: string | number };

/** A query value; booleans are sent as 1 and 0, undefined is omitted. */
export type QueryValue = string | number | boolean | undefined;

/** Declares an endpoint. Its answer may have up to 4 MiB unless `maxMiB` says otherwise. */
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
 * The path with its parameters filled in, each percent-encoded: a UPID contains `:`, `@` and `!`.
 * @throws UsageError for a parameter that is missing or would lead to another endpoint
 */
export function fillPath(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    // `.` and `..` survive encoding, and URL parsing would resolve them to another endpoint.
    if (value === undefined || value === '' || value === '.' || value === '..') {
      throw new UsageError(`'${value ?? ''}' cannot be the ${name} of ${template}`);
    }
    return encodeURIComponent(value);
  });
}

/** The query string with its `?`, or an empty text. */
export function fillQuery(query: Readonly<Record<string, QueryValue>> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) search.set(key, String(typeof value === 'boolean' ? Number(value) : value));
  }
  return search.size === 0 ? '' : `?${search}`;
}
