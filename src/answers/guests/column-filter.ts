import { STATUS_SYNONYMS } from '../../model/field-names.ts';
import type { Condition } from '../where/grammar.ts';

/**
 * The store's filter that is equivalent to a condition; null if there is none. Only for columns that compare as conditions do:
 * statuses by their shown names, tags regardless of case.
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
