import { nearest } from '../../history/resource-name.ts';
import type { StoreReader } from '../../model/store.ts';
import { quoted, quotedList } from '../format/text.ts';

/** Says, where nothing is found on a node, that there never was a node of that name. */
export async function nodeHint(store: StoreReader, node: string | undefined): Promise<string | undefined> {
  if (node === undefined) return undefined;
  const known = (await store.nodes({ includeRemoved: true })).map(({ id }) => id);
  if (known.length === 0 || known.includes(node)) return undefined;
  const near = nearest(node, known);
  return `There is no node ${quoted(node, 40)}: the nodes are ${quotedList(near.length > 0 ? near : known.slice(0, 10))}.`;
}
