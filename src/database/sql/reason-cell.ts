import { isObject } from '../../model/state.ts';

/** What a cell for a reason holds: a reason, or, where somebody else wrote it, words that stand for one. */
export function reasonFromCell(cell: string): unknown {
  try {
    const value: unknown = JSON.parse(cell);
    if (isObject(value) && typeof value['code'] === 'string') return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { code: 'other', text: cell };
}
