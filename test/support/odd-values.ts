import * as z from 'zod';
import { allEndpoints } from '../../src/proxmox/index.ts';
import { type Leaf, leafOf } from '../../src/proxmox/schema.ts';

/** One value in the answers of one endpoint: where it lies, and what it may be. */
export interface Field {
  endpoint: string;
  /** Names from the row down; `[]` stands for an element of a list, `{}` for an entry of a record. */
  path: string[];
  leaf: Leaf | null;
  /** Without it its row, or an answer that is no list, cannot be used. */
  required: boolean;
  /** `null` says that there is none. */
  nullable: boolean;
  isList: boolean;
}

/** Every field of every endpoint that is declared, as its schema tells: lists and objects within rows, too. */
export function declaredFields(): Field[] {
  return allEndpoints().flatMap(({ endpoint }) => {
    const { of, isList } = endpoint.answer;
    return fieldsOf(of, []).map(field => ({ ...field, endpoint: endpoint.path, isList }));
  });
}

type Found = Omit<Field, 'endpoint' | 'isList'>;

function fieldsOf(type: z.ZodType, path: string[], required = true, nullable = false): Found[] {
  const leaf = leafOf(type) ?? null;
  if (type instanceof z.ZodOptional) return fieldsOf(type.unwrap() as z.ZodType, path, false);
  const own = path.length === 0 ? [] : [{ path, leaf, required, nullable }];
  if (type instanceof z.ZodNullable) return fieldsOf(type.unwrap() as z.ZodType, path, required, true);
  if (leaf !== null || type instanceof z.ZodUnknown) return own;
  if (type instanceof z.ZodArray)
    return [...own, ...fieldsOf(type.element as z.ZodType, [...path, '[]'], false)];
  if (type instanceof z.ZodRecord)
    return [...own, ...fieldsOf(type.valueType as z.ZodType, [...path, '{}'], false)];
  if (type instanceof z.ZodObject)
    return [
      ...own,
      ...Object.entries(type.shape as Record<string, z.ZodType>).flatMap(([name, of]) =>
        fieldsOf(of, [...path, name]),
      ),
    ];
  throw new Error(`not known: ${type.constructor.name}`);
}

/** Values that stand nowhere a number, a name, a flag, a list or an object should. */
export const ODD_VALUES: readonly unknown[] = [
  ...[-3.2, -1, 0.5, 2 ** 53, 2 ** 63, 2 ** 64, 1e300, '-7', '1e999', 'nan', 'inf', 'NaN'],
  ...[null, true, [], {}, [null], { object: 1 }, [[1]], '', ' ', 'x'.repeat(20_000), 'y'.repeat(70_000)],
];

/** Whether the field would take the value for what it should hold. */
export function fits({ leaf, nullable }: Field, value: unknown): boolean {
  if (value === null) return nullable;
  if (leaf !== null) return leaf.read(value) !== undefined;
  return typeof value === 'object' && value !== null;
}

/** Puts the value into the field of one row; returns what the row calls itself, undefined where no row has the field. */
export function spoil(data: unknown, field: Field, value: unknown, pick: number): string[] | undefined {
  // The agent wraps its list.
  const list = (data as { result?: unknown } | null)?.result ?? data;
  const rows = (field.isList ? list : [data]) as unknown[];
  if (!Array.isArray(rows)) return undefined;
  const places = rows.flatMap(row => placesOf(row, field.path).map(place => ({ row, place })));
  const chosen = places[pick % Math.max(1, places.length)];
  if (chosen === undefined) return undefined;
  const names = namesOf(chosen.row);
  const { holder, name } = chosen.place;
  (holder as Record<string | number, unknown>)[name] = value;
  return names;
}

function placesOf(value: unknown, [name, ...rest]: string[]): { holder: object; name: string | number }[] {
  if (typeof value !== 'object' || value === null || name === undefined) return [];
  const names =
    name === '[]' || name === '{}'
      ? Object.keys(value)
      : (value as Record<string, unknown>)[name] === undefined
        ? []
        : [name];
  return names.flatMap(at =>
    rest.length === 0
      ? [{ holder: value, name: at }]
      : placesOf((value as Record<string, unknown>)[at], rest),
  );
}

function namesOf(row: unknown): string[] {
  const values = Object.values((row ?? {}) as object);
  return values.filter(value => typeof value === 'string' || typeof value === 'number').map(String);
}

/** A pattern for the requests of an endpoint. */
export function requestsOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
}
