/** Keywords of SELECT that are allowed. Any other word is a view, a column, a function or an alias, or is refused. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...['select', 'distinct', 'all', 'from', 'where', 'group', 'by', 'having', 'order', 'limit', 'offset'],
  ...['as', 'on', 'using', 'join', 'left', 'right', 'full', 'inner', 'outer', 'cross', 'natural'],
  ...['and', 'or', 'not', 'in', 'is', 'null', 'true', 'false', 'between', 'like', 'escape', 'exists'],
  ...['case', 'when', 'then', 'else', 'end', 'asc', 'desc', 'nulls', 'first', 'last'],
  ...['union', 'intersect', 'except', 'with', 'filter', 'over', 'partition'],
  ...['rows', 'range', 'between', 'unbounded', 'preceding', 'following', 'current', 'row'],
]);

/** Keywords that may end an operand: a name after one of them is an alias. */
export const OPERANDS: ReadonlySet<string> = new Set(['end', 'null', 'true', 'false']);

/** Keywords that may precede an opening bracket; any other word there is the name of a function. */
export const BEFORE_BRACKET: ReadonlySet<string> = new Set([
  ...['select', 'distinct', 'all', 'from', 'where', 'by', 'having', 'limit', 'offset', 'as', 'on', 'using'],
  ...[
    'join',
    'and',
    'or',
    'not',
    'in',
    'between',
    'like',
    'escape',
    'exists',
    'case',
    'when',
    'then',
    'else',
  ],
  ...['union', 'intersect', 'except', 'filter', 'over'],
]);

/** Functions that mean the same on both engines, or are translated so that they do (database/query). */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['count', 'sum', 'avg', 'min', 'max', 'string_agg', 'group_concat'],
  ...['coalesce', 'ifnull', 'nullif', 'cast'],
  ...[
    'lower',
    'upper',
    'length',
    'substr',
    'substring',
    'trim',
    'ltrim',
    'rtrim',
    'replace',
    'instr',
    'concat',
  ],
  ...[
    'round',
    'abs',
    'row_number',
    'rank',
    'dense_rank',
    'lag',
    'lead',
    'first_value',
    'last_value',
    'ntile',
  ],
  ...['ago', 'now', 'date', 'datetime', 'julianday'],
]);

/** Types for `cast`, by each of their names. */
export const TYPES: Readonly<Record<string, 'text' | 'integer' | 'real'>> = {
  text: 'text',
  varchar: 'text',
  integer: 'integer',
  int: 'integer',
  bigint: 'integer',
  real: 'real',
  numeric: 'real',
  decimal: 'real',
  float: 'real',
};

/** Words that start constructs which are not supported. As names, too, they are refused unless quoted. */
export const REFUSED: ReadonlySet<string> = new Set([
  ...['into', 'for', 'insert', 'update', 'delete', 'returning', 'set', 'values', 'table', 'only', 'lateral'],
  ...[
    'recursive',
    'materialized',
    'tablesample',
    'window',
    'fetch',
    'call',
    'do',
    'copy',
    'pragma',
    'attach',
  ],
  ...[
    'create',
    'drop',
    'alter',
    'grant',
    'indexed',
    'collate',
    'array',
    'row',
    'glob',
    'match',
    'regexp',
    'similar',
  ],
]);

/** What to write instead of words known from one engine. */
export const INSTEAD: Readonly<Record<string, string>> = {
  recursive: 'Recursion is not possible here.',
  current_timestamp: "The present is now(), a past moment ago('7d').",
  current_date: "The present is now(), a past moment ago('7d').",
  interval: "A past moment is ago('7d').",
  strftime: 'Times are ISO 8601 text: substr(at, 1, 7) is the month, substr(at, 12, 2) the hour.',
  date_trunc: 'Times are ISO 8601 text: substr(at, 1, 7) is the month, substr(at, 12, 2) the hour.',
  to_char: 'Times are ISO 8601 text: substr(at, 1, 7) is the month, substr(at, 12, 2) the hour.',
  extract: 'Times are ISO 8601 text: julianday(x) counts days, substr(at, 1, 7) is the month.',
  unixepoch: 'julianday(x) counts days: (julianday(a) - julianday(b)) * 86400 are seconds.',
  ilike: 'like ignores case.',
  glob: 'Use like with % and _.',
  regexp: 'Use like with % and _.',
  iif: 'Use case when ... then ... else ... end.',
  if: 'Use case when ... then ... else ... end.',
  json_extract: "Nothing is JSON here: config has a row for each key, such as 'net0.bridge'.",
  values: 'Only the views can be read.',
  greatest: 'Use case when ... then ... else ... end.',
  least: 'Use case when ... then ... else ... end.',
};

/** Names people expect for columns that are called differently or belong to another view. */
export const COLUMN_INSTEAD: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['mem', 'ram', 'mem_gib', 'memory_gib', 'maxmem'].map(name => [name, 'It is memory_mib.']),
  ),
  ...Object.fromEntries(
    ['ip', 'ips', 'ip_address'].map(name => [name, 'addresses has a row for each, joined by resource.']),
  ),
  tags: 'guest_tags has a row for each tag, joined by resource.',
  uptime: 'started_at tells since when: julianday(now()) - julianday(started_at) are days.',
  last_backup: 'It is last_backup_at.',
  ha: 'It is ha_state.',
};

/** Names people expect for views that are called differently. */
export const VIEW_INSTEAD: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['vm', 'vms', 'qemu'].map(name => [name, "guests where type = 'vm'"])),
  ...Object.fromEntries(
    ['container', 'containers', 'lxc', 'ct'].map(name => [name, "guests where type = 'container'"]),
  ),
  history: 'changes',
  events: 'changes',
  tags: 'guest_tags',
  ips: 'addresses',
  networks: 'nics',
  jobs: 'backup_jobs',
};
