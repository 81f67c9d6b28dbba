import type { ElementField, Verdict } from './field.ts';
import type { Condition } from './grammar.ts';

const FITS: Readonly<Record<string, (found: number, wanted: number) => boolean>> = {
  '=': (found, wanted) => found === wanted,
  '!=': (found, wanted) => found !== wanted,
  '<': (found, wanted) => found < wanted,
  '>': (found, wanted) => found > wanted,
  '<=': (found, wanted) => found <= wanted,
  '>=': (found, wanted) => found >= wanted,
};

/** `disks>1`, `snapshots=0`: a plain number after the plural asks how many there are; null for other conditions. */
export function countTest<F>(
  { not, field, comparison, element }: Condition,
  { name, elements, isPartial }: ElementField<F>,
): ((fact: F) => Verdict) | null {
  const [wanted, ...others] = comparison?.values ?? [];
  if (element !== null || wanted === undefined || others.length > 0 || !/^\d{1,6}$/.test(wanted)) return null;
  const fits = FITS[comparison!.operator];
  if (fits === undefined || field.toLowerCase() === name) return null;
  return fact => {
    const found = elements(fact)?.length;
    if (found === undefined) return undefined;
    const verdict = fits(found, Number(wanted));
    // There may be more than could be seen: the result is known only if more of them would not change it.
    if (isPartial?.(fact) === true && fits(found, Number(wanted)) !== fits(Infinity, Number(wanted)))
      return undefined;
    return verdict !== not;
  };
}
