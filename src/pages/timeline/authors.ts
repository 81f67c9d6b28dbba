import type { HistoryRow } from '../facts.ts';

/** No author is known. */
export const UNKNOWN = '';
/** More than one person was involved: naming one of them would be wrong. */
const SEVERAL = 'several';

/** Who did it, if it was a single person: the user in the causes, a task's user or a revision's author. */
export function authorOf(row: HistoryRow): string {
  const users = new Set((row.causes ?? []).flatMap(({ user }) => user ?? []));
  if (users.size > 1) return SEVERAL;
  return [...users][0] ?? row.user ?? row.author ?? UNKNOWN;
}

/** How many people get a colour of their own. */
export const COLOURS = 6;

/** Everybody who did something, with how often, busiest first. */
export type Authors = readonly { author: string; count: number }[];

/** Counts items per author. */
export function rankAuthors(items: readonly { author: string }[]): Authors {
  const counts = new Map<string, number>();
  for (const { author } of items) counts.set(author, (counts.get(author) ?? 0) + 1);
  return [...counts]
    .map(([author, count]) => ({ author, count }))
    .sort((a, b) => b.count - a.count || (a.author < b.author ? -1 : 1));
}

/** The CSS variable with each author's colour: one each for the busiest, then one for the rest, for several and for nobody. */
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

/** The author as shown to the user. */
export function authorName(author: string): string {
  if (author === UNKNOWN) return 'nobody named';
  return author === SEVERAL ? 'several people' : author;
}
