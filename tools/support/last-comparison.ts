import type { ToolContext } from '../../src/mcp/define-tool.ts';

/** What a comparison was narrowed to. */
export interface Scope {
  resource?: string | undefined;
  type?: string | undefined;
  node?: string | undefined;
  change?: string | undefined;
}

/**
 * Where this client's last comparison of this scope ended (its `seq`); null where there was none. A narrower one may
 * go on from a comparison of everything, but not the other way round: that would skip what the narrow one left out.
 */
export async function lastComparison(context: ToolContext, scope: Scope): Promise<number | null> {
  const keys = [...new Set([noteKey(context, scope), noteKey(context, {})])];
  const notes = await Promise.all(keys.map(key => context.store.note(key)));
  const seqs = notes.filter(note => note !== null).map(Number);
  return seqs.length === 0 ? null : Math.max(...seqs);
}

/** Remembers where a comparison ended. */
export async function rememberComparison(context: ToolContext, scope: Scope, seq: number): Promise<void> {
  await context.saveNote(noteKey(context, scope), String(seq));
}

function noteKey({ client }: ToolContext, { resource, type, node, change }: Scope): string {
  const narrowed = [resource ?? '', type ?? '', node ?? '', ...(change === undefined ? [] : [change])];
  return ['diff_state', 'last', client, ...narrowed].join(':').slice(0, 400).toWellFormed();
}
