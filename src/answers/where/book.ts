import type { NamedField } from '../../model/field-names.ts';
import type { Field, FieldBook } from './field.ts';

/** How fields are read, by name. */
export type Readers<F, N extends string> = Readonly<
  Record<N, Pick<Field<F>, 'read' | 'needs' | 'same' | 'isAtLeast'>>
>;

/** The fields of the catalogue with their readers, by every name they have. */
export function fieldsOf<F, N extends string>(
  named: readonly (NamedField & { name: N })[],
  readers: Readers<F, N>,
): Map<string, Field<F>> {
  return new Map(
    named.flatMap(({ aliases = [], ...field }) =>
      [field.name, ...aliases].map((name): [string, Field<F>] => [
        name,
        { ...field, name, ...readers[field.name] },
      ]),
    ),
  );
}

/** A book of plain fields; `of` is what its facts are called. */
export function bookOf<F, N extends string>(
  of: string,
  named: readonly (NamedField & { name: N })[],
  readers: Readers<F, N>,
  more: ReadonlyMap<string, Field<F>> = new Map(),
): FieldBook<F> {
  const fields = fieldsOf(named, readers);
  return {
    of,
    names: [...fields.keys(), ...more.keys()],
    find: name => {
      const field = fields.get(name) ?? more.get(name);
      return field && { kind: 'field', field };
    },
  };
}
