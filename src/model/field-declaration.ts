import type { Facet } from './facet.ts';
import type { ResourceType } from './resource.ts';

/** `state` makes history, `usage` is only kept current, `ignored` is neither. */
export type FieldClass = 'state' | 'usage' | 'ignored';

/** One field of a resource: its source, its class, and our name for it. */
export interface FieldDeclaration {
  resources: ResourceType[];
  /** Its path in the state, or for usage the row's field. A final `*` stands for any keys below. */
  path: string;
  class: FieldClass;
  facet: Facet;
  /** The endpoint that it is read from. */
  source: string;
  /** Its name in that endpoint's answer. */
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
