import { UsageError } from '../errors.ts';
import { quoted } from '../text/cluster-text.ts';

/** The smallest part of a statement: a word (in lower case), a quoted name, a text, a number or a sign. */
export interface Token {
  kind: 'word' | 'name' | 'text' | 'number' | 'sign';
  /** Its content; names and texts without their quotes. */
  text: string;
  /** Position in the statement, counted from 1. */
  at: number;
}

/** A token at any stage of parsing. */
interface Lexeme {
  kind: string;
  text: string;
}

/** Limits far above what any sensible question needs (characters, tokens, brackets). */
const LONGEST = 5_000;
const TOKENS_AT_MOST = 1_500;
const DEEPEST = 40;

/**
 * Everything a statement may consist of. Leaves out what only one engine accepts, or both read differently: dollar quotes, escape
 * strings, parameters, `::`, square brackets, backticks, nested comments.
 */
const FORMS: readonly [Token['kind'] | 'blank', RegExp][] = [
  ['blank', /[ \t\r\n]+|--[^\n]*|\/\*(?:(?!\/\*|\*\/)[\s\S])*\*\//y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\w.])/iy],
  ['word', /[a-z_][a-z0-9_]*(?!['"])/iy],
  ['text', /'(?:[^']|'')*'/y],
  ['name', /"(?:[^"]|"")+"/y],
  ['sign', /<=|>=|<>|!=|==|\|\||\/(?!\*)|[-+*%=<>(),.;]/y],
];

/**
 * A statement's tokens without white space, comments and a final semicolon.
 * @throws UsageError for anything else
 */
export function tokenize(sql: string): Token[] {
  if (sql.length > LONGEST)
    throw new UsageError(`The statement is longer than ${LONGEST} characters.`, {
      hint: 'Ask a smaller question.',
    });
  if (!sql.isWellFormed() || sql.includes('\0'))
    throw new UsageError('The statement holds U+0000 or half of a surrogate pair.');
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const [kind, text] = tokenAt(sql, at);
    if (kind !== 'blank') tokens.push({ kind, text: plain(kind, text), at: at + 1 });
    at += text.length;
  }
  while (tokens.at(-1)?.text === ';' && tokens.at(-1)?.kind === 'sign') tokens.pop();
  if (tokens.length > TOKENS_AT_MOST)
    throw new UsageError(`The statement has more than ${TOKENS_AT_MOST} words and signs.`);
  checkBrackets(tokens);
  return tokens;
}

function tokenAt(sql: string, at: number): [Token['kind'] | 'blank', string] {
  for (const [kind, form] of FORMS) {
    form.lastIndex = at;
    const found = form.exec(sql);
    if (found !== null) return [kind, found[0]];
  }
  const rest = sql.slice(at, at + 12);
  const open = /^['"]/.test(rest) ? ' is never closed' : ' cannot be read here';
  throw new UsageError(`SQL, character ${at + 1}: ${quoted(rest)}${open}.`, {
    hint: 'Texts go in \'...\', names in "...". Write cast(x as integer) instead of ::, and values instead of parameters.',
  });
}

function plain(kind: Token['kind'] | 'blank', text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind === 'text') return text.slice(1, -1).replaceAll("''", "'");
  return kind === 'name' ? text.slice(1, -1).replaceAll('""', '"') : text;
}

function checkBrackets(tokens: readonly Token[]): void {
  let open = 0;
  for (const token of tokens) {
    if (isSign(token, '(')) open++;
    if (isSign(token, ')')) open--;
    if (open < 0) throw new UsageError(`SQL, character ${token.at}: this bracket closes nothing.`);
    if (open > DEEPEST) throw new UsageError(`Brackets are nested more than ${DEEPEST} deep.`);
  }
  if (open > 0) throw new UsageError('SQL: a bracket is never closed.');
}

/** Whether a token is this sign. */
export function isSign(token: Lexeme | undefined, sign: string): boolean {
  return token?.kind === 'sign' && token.text === sign;
}

/** Whether a token is one of these unquoted words, given in lower case. */
export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text);
}

/** The index of the bracket that closes the one at `open`, and of the commas directly inside it. */
export function bracket(tokens: readonly Lexeme[], open: number): { close: number; commas: number[] } {
  const commas: number[] = [];
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isSign(tokens[at], '(')) depth++;
    if (isSign(tokens[at], ')') && --depth === 0) return { close: at, commas };
    if (depth === 1 && isSign(tokens[at], ',')) commas.push(at);
  }
  return { close: tokens.length, commas };
}
