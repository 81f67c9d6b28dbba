import { FIELDS } from '../src/model/field-catalogue.ts';

/** docs/fields.md from the catalogue: each field's one source, class, unit and path. */
export function fieldsMarkdown(): string {
  const rows = FIELDS.map(field =>
    [
      field.resources.join(', '),
      `\`${field.path}\``,
      field.class,
      field.facet,
      `\`${field.source}\``,
      field.field,
      field.unit ?? '',
      field.note ?? '',
    ].map(cell => cell.replaceAll('|', '\\|')),
  );
  return [
    '# Fields',
    '',
    '<!-- Generated from src/model/field-catalogue.ts by `npm run docs`. Do not edit. -->',
    '',
    'Every field has one source. *State* makes history, *usage* is kept current only, *ignored* is neither.',
    '',
    '| resource | path | class | facet | source | field there | unit | note |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(cells => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}
