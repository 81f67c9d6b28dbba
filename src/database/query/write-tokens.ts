import type { SqlToken } from '../../model/query.ts';
import { bracket, isSign } from '../../sql/tokens.ts';

type Provider = 'sqlite' | 'postgresql';

/**
 * A checked statement in the SQL of one engine, with the same meaning on both: every name is quoted, since some are reserved
 * (`user`), LIKE ignores case, and casts of anything but a number give NULL.
 */
export function writeTokens(tokens: readonly SqlToken[], provider: Provider, now: number): string {
  return new Writer(provider, now).write(tokens);
}

class Writer {
  readonly #provider: Provider;
  readonly #now: number;

  constructor(provider: Provider, now: number) {
    this.#provider = provider;
    this.#now = now;
  }

  write(tokens: readonly SqlToken[]): string {
    const parts: string[] = [];
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at]!;
      if (token.kind !== 'function') {
        parts.push(this.#token(token));
        continue;
      }
      const { close, commas } = bracket(tokens, at + 1);
      const ends = [...commas, close];
      const args = ends.map((end, index) => tokens.slice(index === 0 ? at + 2 : ends[index - 1]! + 1, end));
      parts.push(this.#call(token.text, args.length === 1 && args[0]!.length === 0 ? [] : args));
      at = close;
    }
    return parts.join(' ');
  }

  #token({ kind, text }: SqlToken): string {
    if (kind === 'identifier') return `"${text.replaceAll('"', '""')}"`;
    if (kind === 'text') return `'${text.replaceAll("'", "''")}'`;
    if (kind === 'moment') return `'${new Date(this.#now - Number(text)).toISOString().slice(0, 19)}Z'`;
    if (kind === 'keyword') return this.#keyword(text);
    return text === '==' ? '=' : text;
  }

  #keyword(text: string): string {
    if (text === 'true') return '1';
    if (text === 'false') return '0';
    return text === 'like' && this.#provider === 'postgresql' ? 'ILIKE' : text.toUpperCase();
  }

  #call(name: string, args: readonly (readonly SqlToken[])[]): string {
    const pg = this.#provider === 'postgresql';
    const [first = [], second] = args;
    if (name === 'cast') return this.#cast(first);
    if (name === 'date') return `substr(${this.write(first)}, 1, 10)`;
    if (name === 'datetime') return `(${this.write(first)})`;
    if (name === 'julianday' && pg)
      return `(extract(epoch FROM (${this.write(first)})::timestamptz) / 86400.0 + 2440587.5)`;
    if (name === 'group_concat' || name === 'string_agg') return this.#joined(first, second);
    if (name === 'round' && pg)
      return `round((${this.write(first)})::numeric${second === undefined ? '' : `, ${this.write(second)}`})`;
    const written = args.map(arg => this.write(arg)).join(', ');
    return `${nameOn(name, pg)}(${written})`;
  }

  /** `cast(x as integer)`: anything but a number is NULL, where SQLite would give 0 and PostgreSQL an error. */
  #cast(tokens: readonly SqlToken[]): string {
    const value = `(${this.write(tokens.slice(0, -2))})`;
    const type = tokens.at(-1)?.text ?? 'text';
    if (type === 'text') return `CAST(${value} AS text)`;
    if (this.#provider === 'postgresql') {
      const number = `substring(${value}::text from '^ *(-?[0-9]{1,15}(?:\\.[0-9]{1,15})?) *$')::numeric`;
      return type === 'integer' ? `trunc(${number})` : number;
    }
    const bare = `trim(CAST(${value} AS TEXT))`;
    return `CASE WHEN ${bare} GLOB '*[0-9]*' AND ltrim(${bare}, '-') NOT GLOB '*[^0-9.]*' THEN CAST(${value} AS ${type}) END`;
  }

  /** `string_agg([distinct] x[, separator] [order by y])`, for which SQLite needs another form if it is distinct. */
  #joined(first: readonly SqlToken[], second: readonly SqlToken[] | undefined): string {
    const isDistinct = first[0]?.kind === 'keyword' && first[0].text === 'distinct';
    const inner = isDistinct ? first.slice(1) : first;
    const split = orderAt(second ?? inner);
    const [separator, order] =
      second === undefined ? [[], inner.slice(split)] : [second.slice(0, split), second.slice(split)];
    const value = `CAST((${this.write(second === undefined ? inner.slice(0, split) : inner)}) AS text)`;
    const between = separator.length === 0 ? "','" : this.write(separator);
    const tail = order.length === 0 ? '' : ` ${this.write(order)}`;
    if (!isDistinct) return `string_agg(${value}, ${between}${tail})`;
    if (this.#provider === 'postgresql') return `string_agg(DISTINCT ${value}, ${between}${tail})`;
    // SQLite joins distinct values only with commas, so the commas in the values are replaced meanwhile.
    const safe = `replace(${value}, ',', char(31))`;
    return `replace(replace(group_concat(DISTINCT ${safe}${tail || ` ORDER BY ${safe}`}), ',', ${between}), char(31), ',')`;
  }
}

/** Where ORDER BY begins outside of brackets. */
function orderAt(tokens: readonly SqlToken[]): number {
  let depth = 0;
  const at = tokens.findIndex(token => {
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    return depth === 0 && token.kind === 'keyword' && token.text === 'order';
  });
  return at === -1 ? tokens.length : at;
}

function nameOn(name: string, pg: boolean): string {
  if (name === 'ifnull') return 'coalesce';
  if (name === 'substring') return 'substr';
  return name === 'instr' && pg ? 'strpos' : name;
}
