import { SECRET_NAME } from './secret-words.ts';

/*
 * Tables whose head names a column of secrets: of Markdown, or of lines with commas, semicolons or tabs.
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
/** Rows of a table of this kind; its cells stand between signs of it. */
const SIGNS = ['|', '\t', ';', ','] as const;

/** The text with the cells of such columns replaced. Linear in the text's length. */
export function maskTables(text: string, replaceCell: (cell: string) => string): string {
  if (!text.includes('\n') || !NAMED.test(text)) return text;
  const lines = text.split('\n');
  let table: Table | null = null;
  return lines
    .map((line, at) => {
      const cells = table === null ? [] : line.split(table.sign);
      if (table === null || cells.length !== table.width) {
        table = tableAt(line, lines[at + 1] ?? '');
        return line;
      }
      if (RULE.test(line)) return line;
      const { sign, secret } = table;
      return cells
        .map((cell, column) => (secret.has(column) ? maskCell(cell, replaceCell) : cell))
        .join(sign);
    })
    .join('\n');
}

interface Table {
  sign: string;
  /** Cells of a row. */
  width: number;
  /** Columns that hold secrets. */
  secret: Set<number>;
}

/** The table whose head this line is, where one of its columns holds secrets. */
function tableAt(line: string, next: string): Table | null {
  const sign = SIGNS.find(one => line.includes(one));
  if (sign === undefined || line.length > 1_000) return null;
  // Without a line below it, a row of Markdown is a name and its value; with blanks, commas make a sentence.
  if (sign === '|' ? !RULE.test(next) : line.includes(`${sign} `)) return null;
  const cells = line.split(sign);
  if (sign !== '|' && !cells.every(cell => WORDS.test(cell))) return null;
  const secret = new Set(cells.flatMap((cell, column) => (HEAD.test(cell) ? [column] : [])));
  return secret.size > 0 ? { sign, width: cells.length, secret } : null;
}

function maskCell(cell: string, replaceCell: (cell: string) => string): string {
  const value = cell.trim();
  if (value === '') return cell;
  return cell.replace(value, () => replaceCell(value));
}
