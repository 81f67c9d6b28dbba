import type { Row } from '../../mcp/define/output.ts';
import { compare } from '../format/compare.ts';
import { keysOf } from './columns.ts';
import { type Named, valuesOf } from './field.ts';
import type { Column } from './question.ts';

/** Groups of facts, the largest first; `sums` computes the columns besides the keys. */
export interface Groups {
  rows: Row[];
  /** Some fact is in several groups, since it has several values of a key. */
  overlap: boolean;
  /** Keys for which some fact has no value. */
  lacking: string[];
}

/** A fact with several values of a key is in the group of each; one without a value in a group without that key. */
export function groupFacts<F>(
  facts: readonly F[],
  keys: readonly Column<F>[],
  timeZone: string,
  sums: (facts: readonly F[]) => Row,
): Groups {
  const cells = keys.map(({ named }) => cellsOf(named, timeZone));
  const groups = new Map<string, Group<F>>();
  const groupOf = (values: readonly Cell[]): Group<F> => {
    const id = values.map(cell => cell.id).join();
    const group = groups.get(id) ?? {
      keys: Object.fromEntries(keys.map(({ name }, at) => [name, values[at]!.value])),
      facts: [],
    };
    groups.set(id, group);
    return group;
  };
  // Of ten thousand facts few differ in what they are grouped by: where such a one stands is worked out once.
  const known = new Map<string, readonly Group<F>[]>();
  let overlap = false;
  for (const fact of facts) {
    const lists = cells.map(of => of(fact));
    const id = lists.map(list => list.id).join();
    const found = known.get(id) ?? combinations(lists.map(list => list.cells)).map(groupOf);
    known.set(id, found);
    if (found.length > 1) overlap = true;
    for (const group of found) group.facts.push(fact);
  }
  const rows = [...groups.values()]
    .sort((a, b) => b.facts.length - a.facts.length || byKeys(a.keys, b.keys))
    .map(group => ({ ...group.keys, ...sums(group.facts) }));
  const found = [...groups.values()];
  const lacking = keys.map(({ name }) => name).filter(name => found.some(group => group.keys[name] === null));
  return { rows, overlap, lacking };
}

interface Group<F> {
  keys: Row;
  facts: F[];
}

/** A value that facts are grouped by, and its identity. */
interface Cell {
  value: string | number | null;
  id: string;
}

/** All values of a key that a fact has, and what tells them from those of others. */
interface Cells {
  cells: readonly Cell[];
  id: number;
}

/** Reads what facts are grouped by; each value is prepared for display once, however many facts have it. */
function cellsOf<F>(named: Named<F>, timeZone: string): (fact: F) => Cells {
  const known = new Map<unknown, Cells>();
  return fact => {
    const value = valuesOf(named, fact);
    const key = Array.isArray(value) ? `[]${JSON.stringify(value)}` : value;
    let found = known.get(key);
    if (found === undefined) {
      const shown = keysOf(named, value, timeZone);
      found = { cells: shown.map(one => ({ value: one, id: JSON.stringify(one) })), id: known.size };
      known.set(key, found);
    }
    return found;
  };
}

function byKeys(a: Row, b: Row): number {
  for (const name of Object.keys(a)) {
    const order = compare(a[name], b[name]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Most combinations of one fact's values; it is not in the groups of further ones. */
const COMBINATIONS_AT_MOST = 1_000;

function combinations<V>(lists: readonly (readonly V[])[]): V[][] {
  if (lists.every(list => list.length === 1)) return [lists.flat()];
  return lists.reduce<V[][]>(
    (found, list) => found.flatMap(one => list.map(value => [...one, value])).slice(0, COMBINATIONS_AT_MOST),
    [[]],
  );
}
