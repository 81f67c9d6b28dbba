import { STATUS_SYNONYMS } from '../../model/field-names.ts';
import type { Condition } from '../where/grammar.ts';

/**
 * The filter of the store that a condition is, word for word; null where there is none. Only columns that compare there as
 * conditions do: statuses by what they are called, tags whatever their case.
 */
export function columnFilter({
  not,
  field,
  comparison,
  element,
}: Condition): { column: 'status' | 'tag'; value: string } | null {
  const [value, ...others] = comparison?.values ?? [];
  if (not || element !== null || comparison?.operator !== '=' || others.length > 0) return null;
  if (value === undefined || value === '' || value.includes('*')) return null;
  const name = field.toLowerCase();
  if (name === 'tag' || name === 'tags') return { column: 'tag', value };
  if (name !== 'status') return null;
  const word = value.toLowerCase();
  const synonyms: { readonly [word: string]: string } = STATUS_SYNONYMS;
  return { column: 'status', value: Object.hasOwn(synonyms, word) ? synonyms[word]! : word };
}
