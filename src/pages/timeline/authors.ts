import type { HistoryRow } from '../facts.ts';

/** Nobody is named. */
export const UNKNOWN = '';
/** More than one person had a part in it: naming one of them would be wrong. */
const SEVERAL = 'several';

/** Who did it, as far as one person did: the causes' user, a task's, a revision's author. */
export function authorOf(row: HistoryRow): string {
  const users = new Set((row.causes ?? []).flatMap(({ user }) => user ?? []));
  if (users.size > 1) return SEVERAL;
  return [...users][0] ?? row.user ?? row.author ?? UNKNOWN;
}

/** How many people have a colour of their own. */
export const COLOURS = 6;

/** Everybody who did something, the busiest first, with how much that was. */
export type Authors = readonly { author: string; count: number }[];

/** Counts people by what they did. */
export function rankAuthors(items: readonly { author: string }[]): Authors {
  const counts = new Map<string, number>();
  for (const { author } of items) counts.set(author, (counts.get(author) ?? 0) + 1);
  return [...counts]
    .map(([author, count]) => ({ author, count }))
    .sort((a, b) => b.count - a.count || (a.author < b.author ? -1 : 1));
}

/** The style variable of each author's colour: people by rank, then all others, several, and nobody. */
export function authorColours(authors: Authors): Map<string, string> {
  const people = authors.filter(({ author }) => author !== UNKNOWN && author !== SEVERAL);
  return new Map([
    [UNKNOWN, '--author-unknown'],
    [SEVERAL, '--author-several'],
    ...people.map(({ author }, at): [string, string] => [
      author,
      at < COLOURS ? `--author-${at + 1}` : '--author-other',
    ]),
  ]);
}

/** An author in words. */
export function authorName(author: string): string {
  if (author === UNKNOWN) return 'nobody named';
  return author === SEVERAL ? 'several people' : author;
}
