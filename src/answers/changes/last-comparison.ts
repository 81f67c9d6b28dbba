import { formatPlace, type Place, parsePlace } from '../../history/place.ts';
import { checkPlace, placeAt } from '../../history/store-life.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { parseNote } from '../../model/note.ts';

/** What a comparison was limited to. */
export interface Scope {
  resource?: string | undefined;
  type?: string | undefined;
  node?: string | undefined;
  change?: string | undefined;
  field?: string | undefined;
}

/**
 * Where this client's last comparison with this scope ended (its `seq`); null if there was none. A narrower comparison may
 * continue from one of everything, but not the reverse: that would skip what the narrow one left out.
 */
export async function lastComparison(context: ToolContext, scope: Scope): Promise<number | null> {
  const { store, timeZone } = context;
  const keys = [...new Set([noteKey(context, scope), noteKey(context, {})])];
  const notes = await Promise.all(keys.map(key => store.note(key)));
  const places = notes.flatMap(note => (note === null ? [] : placeOf(note)));
  // Earlier versions noted bare numbers. These are in the store itself, and were restored along with it.
  for (const place of places) if (typeof place !== 'number') await checkPlace(store, place, timeZone);
  const seqs = places.map(place => (typeof place === 'number' ? place : place.seq));
  return seqs.length === 0 ? null : Math.max(...seqs);
}

function placeOf(note: string): Place | number | [] {
  return parsePlace(note) ?? parseNote(note, (seq): seq is number => Number.isSafeInteger(seq)) ?? [];
}

/** Remembers where a comparison ended. */
export async function rememberComparison(context: ToolContext, scope: Scope, seq: number): Promise<void> {
  await context.saveNote(noteKey(context, scope), formatPlace(await placeAt(context.store, seq)));
}

function noteKey({ client }: ToolContext, { resource, type, node, change, field }: Scope): string {
  const narrowed = [resource ?? '', type ?? '', node ?? '', ...(change === undefined ? [] : [change])];
  if (field !== undefined) narrowed.push(`field ${field}`);
  return ['diff_state', 'last', client, ...narrowed].join(':').slice(0, 400).toWellFormed();
}
