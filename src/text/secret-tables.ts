import { SECRET_NAME } from './secret-words.ts';

/*
 * Tables whose head names a column of secrets: of Markdown, or of lines with commas, semicolons, tabs or wide gaps.
 */

const HEAD = new RegExp(
  `^[^\\p{L}\\p{N}]{0,8}(?:[\\p{L}\\p{N}]{1,20}[ _-]){0,2}${SECRET_NAME}[^\\p{L}\\p{N}]{0,8}$`,
  'iu',
);
const NAMED = new RegExp(SECRET_NAME, 'iu');
/** The line of dashes below a head. */
const RULE = /^[\s|:+-]{3,}$/;
/** What heads a column where no line is drawn below. */
const WORDS = /^"?[\p{L}\p{N}_ -]{1,40}"?\r?$/u;
/** What stands between the cells of a row, and is kept: each has one group, so that a split keeps it. */
const SIGNS = [/(\|)/, /(\t+)/, /(;)/, /(,)/, /( {2,})/] as const;

/** The text with the cells of such columns replaced. Linear in the text's length. */
export function maskTables(text: string, replaceCell: (cell: string) => string): string {
  if (!text.includes('\n') || !NAMED.test(text)) return text;
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
  /** Cells of a row, and the signs between them. */
  parts: number;
  /** Which of them hold secrets. */
  secret: Set<number>;
}

/** The table whose head this line is, where one of its columns holds secrets. */
function tableAt(line: string, next: string): Table | null {
  if (line.length > 1_000) return null;
  const sign = SIGNS.find(one => one.test(line));
  if (sign === undefined) return null;
  // Without a line below it, a row of Markdown is a name and its value; with blanks, commas make a sentence.
  if (sign === SIGNS[0] ? !RULE.test(next) : /[,;\t] /.test(line)) return null;
  const parts = line.trimEnd().split(sign);
  if (sign !== SIGNS[0] && !parts.every((cell, at) => at % 2 === 1 || WORDS.test(cell))) return null;
  const secret = new Set(parts.flatMap((part, at) => (HEAD.test(part) ? [at] : [])));
  return secret.size > 0 ? { sign, parts: parts.length, secret } : null;
}

function maskCell(cell: string, replaceCell: (cell: string) => string): string {
  const value = cell.trim();
  if (value === '') return cell;
  return cell.replace(value, () => replaceCell(value));
}
