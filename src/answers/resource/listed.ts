import type { Row } from '../../mcp/define/output.ts';
import { fitRows } from '../format/page.ts';

/** Largest size of a list (bytes): a storage may be used by hundreds of guests. */
const LIST_BYTES = 3_000;

/** As much of a list as fits, with its length if that is not all. */
export function listed(field: string, list: readonly unknown[], bytesAtMost = LIST_BYTES): Row {
  const shown = fitRows([...list], bytesAtMost);
  return { [field]: shown, ...(shown.length < list.length && { [`${field}_total`]: list.length }) };
}
