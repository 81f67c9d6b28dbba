import type { Row } from '../../mcp/define/output.ts';
import { fitRows } from '../format/page.ts';

/** Room for a list (bytes): a storage may carry hundreds of guests. */
const LIST_BYTES = 3_000;

/** A list as far as there is room for it, and how long it is where there is not. */
export function listed(field: string, list: unknown[]): Row {
  const shown = fitRows(list, LIST_BYTES);
  return { [field]: shown, ...(shown.length < list.length && { [`${field}_total`]: list.length }) };
}
