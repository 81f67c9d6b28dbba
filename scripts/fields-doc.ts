import { CONFIG_KEYS, type ConfigKey, type ConfigValue } from '../src/model/config/index.ts';
import { FIELDS } from '../src/model/field-catalogue.ts';
import { NAMED_FIELDS } from '../src/model/field-names.ts';
import { GUEST_TYPES } from '../src/model/resource.ts';

/** docs/fields.md from the catalogue: each field's source, class, unit and path. */
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
    '<!-- Generated from src/model/field-catalogue.ts, field-names.ts and config/ by `npm run docs`. Do not edit. -->',
    '',
    'Every field has one source. *State* makes history, *usage* is kept current only, *ignored* is neither.',
    '',
    '| resource | path | class | facet | source | field there | unit | note |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(cells => `| ${cells.join(' | ')} |`),
    '',
    ...namedFields(),
    ...configKeys(),
  ].join('\n');
}

/** The names of fields in conditions, columns and groups. */
function namedFields(): string[] {
  const rows = NAMED_FIELDS.map(field => [
    field.resources.join(', '),
    [field.name, ...(field.aliases ?? [])].map(name => `\`${name}\``).join(', '),
    kindOf(field),
    field.path === null ? 'worked out' : `\`${field.path}\``,
    [field.note, field.currentOnly && 'Kept current only.'].filter(Boolean).join(' '),
  ]);
  return [
    '## Names',
    '',
    'What `where`, `show` and `group` of the lists call a field; [conditions.md](conditions.md) tells how to ask.',
    '',
    ...table(['resource', 'name', 'reads as', 'field', 'note'], rows),
  ];
}

/** The keys of a guest's configuration with Proxmox's defaults. */
function configKeys(): string[] {
  const keys = new Map<string, ConfigKey>();
  for (const type of GUEST_TYPES) {
    for (const [key, known] of Object.entries(CONFIG_KEYS[type])) {
      const same = keys.get(key);
      const isSame =
        same !== undefined &&
        JSON.stringify({ ...same, guests: 0 }) === JSON.stringify({ ...known, guests: 0 });
      keys.set(isSame || same === undefined ? key : `${key} (${type})`, {
        ...known,
        guests: isSame ? [...same.guests, ...known.guests] : known.guests,
      });
    }
  }
  const rows = [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, known]) => [
      `\`${key.replace(' (container)', '')}\``,
      known.guests.join(', '),
      known.parts === undefined || known.defaultPart ? kindOf(known) : '',
      known.device ? '' : defaultOf(known),
      Object.entries(known.parts ?? {})
        .map(([part, value]) => `\`${part}\`${value.default === undefined ? '' : ` (${defaultOf(value)})`}`)
        .join(', '),
    ]);
  return [
    '## Configuration keys',
    '',
    'A condition compares what a key comes to: where it is not set, the default. A star stands for the number of a device; the part',
    'after the dot names a part of a property string, as `cpu.flags`, and without one its default part is meant.',
    '',
    ...table(['key', 'guests', 'reads as', 'default', 'parts (defaults)'], rows),
  ];
}

function kindOf({ kind, unit }: ConfigValue): string {
  return unit === undefined ? kind : `${kind}, ${unit}`;
}

function defaultOf({ default: value }: ConfigValue): string {
  return value === undefined ? '' : `\`${value}\``;
}

function table(columns: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line), ''];
}
