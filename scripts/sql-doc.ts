import { VIEWS } from '../src/sql/catalogue.ts';

/** docs/sql-views.md from the catalogue of views. */
export function sqlViewsMarkdown(): string {
  const sections = Object.entries(VIEWS).map(([view, { about, columns }]) =>
    [
      `## ${view}`,
      '',
      about,
      '',
      '| column | type | meaning |',
      '| --- | --- | --- |',
      ...Object.entries(columns).map(
        ([name, { type, meaning }]) => `| ${name} | ${type} | ${meaning.replaceAll('|', '\\|')} |`,
      ),
      '',
    ].join('\n'),
  );
  return [
    '# Views of query_sql',
    '',
    '<!-- Generated from src/sql/views by `npm run docs`. Do not edit. -->',
    '',
    'The same on SQLite and PostgreSQL: a time is ISO 8601 text in UTC, a flag 1 or 0. How to ask: [sql.md](sql.md).',
    '',
    ...sections,
  ].join('\n');
}
