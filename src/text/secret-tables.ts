import { matches } from './fold.ts';
import { SECRET_NAME } from './secret-words.ts';

/*
 * Tables with a column of secrets according to its header: in Markdown, or lines with commas, semicolons, tabs or wide gaps.
 */

const HEAD = new RegExp(
  `^[^\\p{L}\\p{N}]{0,8}(?:[\\p{L}\\p{N}]{1,20}[ _-]){0,2}${SECRET_NAME}[^\\p{L}\\p{N}]{0,8}$`,
  'iu',
);
const NAMED = new RegExp(SECRET_NAME, 'iu');
/** The line of dashes below a header. */
const RULE = /^[\s|:+-]{3,}$/;
/** A column's header in a table without such a line. */
const WORDS = /^"?[\p{L}\p{N}_ -]{1,40}"?\r?$/u;
/** Separators of cells, which are kept: each has one group, so that `split` returns it. */
const SIGNS = [/(\|)/, /(\t+)/, /(;)/, /(,)/, /( {2,})/] as const;

/** Masks the cells of such columns. Linear in the text's length. */
export function maskTables(text: string, replaceCell: (cell: string) => string): string {
  if (!text.includes('\n') || !matches(NAMED, text)) return text;
  const lines = text.split('\n');
  let table: Table | null = null;
  return lines
    .map((line, at) => {
      const parts = table === null ? [] : line.split(table.sign);
      if (table === null || parts.length !== table.parts) {
        table = tableAt(line, lines[at + 1] ?? '');
        return line;
      }
      if (RULE.test(line)) return line;
      const { secret } = table;
      return parts.map((part, at) => (secret.has(at) ? maskCell(part, replaceCell) : part)).join('');
    })
    .join('\n');
}

interface Table {
  sign: RegExp;
  /** Number of cells in a row and of the separators between them. */
  parts: number;
  /** Indexes of the parts that hold secrets. */
  secret: Set<number>;
}

/** The table whose header this line is, if one of its columns holds secrets. */
function tableAt(line: string, next: string): Table | null {
  if (line.length > 1_000) return null;
  const sign = SIGNS.find(one => one.test(line));
  if (sign === undefined) return null;
  // Without a line of dashes a row with pipes is a name and its value; text with a blank after a comma is prose.
  if (sign === SIGNS[0] ? !RULE.test(next) : /[,;\t] /.test(line)) return null;
  const parts = line.trimEnd().split(sign);
  if (sign !== SIGNS[0] && !parts.every((cell, at) => at % 2 === 1 || WORDS.test(cell))) return null;
  const secret = new Set(parts.flatMap((part, at) => (matches(HEAD, part) ? [at] : [])));
  return secret.size > 0 ? { sign, parts: parts.length, secret } : null;
}

function maskCell(cell: string, replaceCell: (cell: string) => string): string {
  const value = cell.trim();
  if (value === '') return cell;
  return cell.replace(value, () => replaceCell(value));
}
