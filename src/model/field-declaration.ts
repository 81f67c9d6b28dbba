import type { Facet } from './facet.ts';
import type { ResourceType } from './resource.ts';

/** `state` makes history; `usage` is kept current only; `ignored` is neither. */
export type FieldClass = 'state' | 'usage' | 'ignored';

/** One field of a resource: its one source, its class, and where it stands in our words. */
export interface FieldDeclaration {
  resources: ResourceType[];
  /** Path in the state, or the row's field for usage. A last `*` stands for any keys below. */
  path: string;
  class: FieldClass;
  facet: Facet;
  /** The endpoint it is read from. */
  source: string;
  /** The field's name there. */
  field: string;
  unit?: 'bytes' | 'seconds' | 'fraction' | 'time' | 'cores';
  note?: string;
}

type Extra = Pick<FieldDeclaration, 'unit' | 'note'>;
type Line = [path: string, kind: FieldClass, field: string, extra?: Extra];

/** The fields that these resources get from one source. */
export function from(
  source: string,
  facet: Facet,
  resources: ResourceType[],
  lines: Line[],
): FieldDeclaration[] {
  return lines.map(([path, kind, field, extra]) => ({
    resources,
    path,
    class: kind,
    facet,
    source,
    field,
    ...extra,
  }));
}
