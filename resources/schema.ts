import { defineResource } from '../src/mcp/define/resource.ts';
import { VIEWS } from '../src/sql/catalogue.ts';
import { FUNCTIONS } from '../src/sql/language.ts';

/** What query_sql can read: depends only on this program, not on the cluster. */
export const schemaResource = defineResource({
  uri: 'proxmox://schema',
  name: 'schema',
  title: 'SQL views',
  description: 'Every view and column that query_sql reads, with type, unit and meaning.',
  needs: [],
  read: async () => ({
    language:
      "One SELECT with joins, groups, WITH, windows. Times are ISO 8601 text in UTC: compare them as text, or with ago('7d') and now(). Flags are 1 or 0. LIKE ignores case. Text becomes a number by cast(x as real).",
    functions: [...FUNCTIONS].sort(),
    views: Object.fromEntries(
      Object.entries(VIEWS).map(([view, { about, columns }]) => [
        view,
        {
          about,
          columns: Object.fromEntries(
            Object.entries(columns).map(([name, { type, meaning }]) => [name, `${type}: ${meaning}`]),
          ),
        },
      ]),
    ),
  }),
});
