/** The comparison operators, longest first, so that `>=` is not read as `>` and a value. */
export const OPERATORS = ['!=', '<=', '>=', '=', '~', '<', '>'] as const;
/** One of `OPERATORS`. */
export type Operator = (typeof OPERATORS)[number];

/** Another spelling of an operator, and how the values after it are meant. */
export interface Spelling {
  operator: Operator;
  /** Holds if the comparison does not. */
  not?: true;
  /** `absent`: no value follows. `list`: values may be in brackets. Otherwise how the value becomes a pattern. */
  values?: 'absent' | 'list' | 'like' | 'beginning' | 'end';
}

const NOTHING = '(?:null|none|empty|absent|missing|unset)';

/**
 * How conditions are written in SQL and other languages, each with one meaning here; longer ones come first. Only an operator can
 * be in their place, so no other text is misread.
 */
const SPELLINGS: readonly (readonly [form: string, Spelling])[] = [
  ['!~', { operator: '~', not: true }],
  ['<>', { operator: '!=' }],
  ['={2,3}', { operator: '=' }],
  [`is\\s+not\\s+${NOTHING}\\b`, { operator: '!=', values: 'absent' }],
  [`is\\s+${NOTHING}\\b`, { operator: '=', values: 'absent' }],
  ['is\\s+not\\b', { operator: '!=' }],
  ['(?:is|equals)\\b', { operator: '=' }],
  ['not\\s+in\\b', { operator: '!=', values: 'list' }],
  ['in\\b', { operator: '=', values: 'list' }],
  ['not\\s+i?like\\b', { operator: '!=', values: 'like' }],
  ['i?like\\b', { operator: '=', values: 'like' }],
  ['(?:does\\s+)?not\\s+contains?\\b', { operator: '~', not: true }],
  ['(?:contains|includes)\\b', { operator: '~' }],
  ['starts?\\s*with\\b', { operator: '=', values: 'beginning' }],
  ['ends?\\s*with\\b', { operator: '=', values: 'end' }],
];

/** The spellings as patterns for the place where an operator is expected. */
export const SPELLED: readonly (readonly [RegExp, Spelling])[] = SPELLINGS.map(([form, spelling]) => [
  new RegExp(form, 'iy'),
  spelling,
]);

const BEGINS_CONDITION = `(?:!|not\\s)?\\s*[A-Za-z][\\w.-]*\\s*(?:[=!<>~(]|${SPELLINGS.slice(3)
  .map(([form]) => form)
  .join('|')})`;
/** `and` before another condition, inside what would otherwise be a value. */
export const JOINED = new RegExp(`(?:^|\\s+)(?:and(?=\\s+${BEGINS_CONDITION})|&&)\\s*`, 'i');
/** The same after a complete condition. */
export const AND = /(?:and\b|&&)/iy;

/** A value in the sense of `values`: `web%` in SQL is `web*`. */
export function spokenValue(value: string, values: Spelling['values']): string {
  switch (values) {
    case 'like':
      return value.replaceAll('%', '*');
    case 'beginning':
      return `${value}*`;
    case 'end':
      return `*${value}`;
    default:
      return value;
  }
}

const EITHER = new RegExp(`\\s(?:or|\\|\\|)\\s+${BEGINS_CONDITION}|\\|\\s*[A-Za-z][\\w.-]*\\s*[=<>~]`, 'i');
const SAME = /^\s*([A-Za-z][\w.-]*)\s*=\s*([^\s=|]+)\s*(?:\bor\b|\|\|?)\s*\1\s*=\s*([^\s=|]+)\s*$/i;
const BETWEEN = /^\s*([A-Za-z][\w.-]*)\s+between\s+(\S+)\s+and\s+(\S+)\s*$/i;
const ORDER: readonly (readonly [RegExp, string])[] = [
  [/\s+(?:is\s+)?(?:older|more|greater|larger|bigger|higher)\s+than\s+|\s+(?:over|above)\s+/i, '>'],
  [/\s+(?:is\s+)?(?:newer|younger|less|fewer|smaller|lower)\s+than\s+|\s+(?:under|below)\s+/i, '<'],
  [/\s+at\s+least\s+/i, '>='],
  [/\s+at\s+most\s+/i, '<='],
];
const REGEXP = /^\s*([A-Za-z][\w.-]*)\s*=~\s*\/?\^?([^/$]*)/;
const IN_ROW = /^\s*([A-Za-z][\w.-]*)\s+(not\s+)?in\s+([^()]+)$/i;
const NO = /^\s*no\s+([A-Za-z][\w.-]*)\s*$/i;

/** A sentence with the right spelling of what somebody wrote; undefined if nothing is recognised. */
export function correction(text: string): string | undefined {
  const between = BETWEEN.exec(text);
  if (between) return `Write ${between[1]}>=${between[2]}, ${between[1]}<=${between[3]}.`;
  const same = SAME.exec(text);
  if (same) return `Write ${same[1]}=${same[2]}|${same[3]}.`;
  const regexp = REGEXP.exec(text);
  if (regexp) return `Write ${regexp[1]}~${regexp[2]!.replaceAll('.*', '*')}.`;
  const row = IN_ROW.exec(text);
  if (row)
    return `Write ${row[1]}${row[2] ? '!=' : '='}${row[3]!
      .trim()
      .split(/[\s,]+/)
      .join('|')}.`;
  const no = NO.exec(text);
  if (no) return `Write !${no[1]}.`;
  if (EITHER.test(text))
    return 'All conditions must hold: "or" is between values of one field (tag=prod|web). Ask once for each, or query_sql.';
  for (const [words, operator] of ORDER) {
    const [field = '', value, ...rest] = text.split(words);
    if (value === undefined || rest.length > 0 || !/^\s*[A-Za-z][\w. -]*$/.test(field)) continue;
    return `Write ${field.trim().replaceAll(/\s+/g, '_')}${operator}${value.trim()}.`;
  }
  return undefined;
}
