import { UsageError } from '../errors.ts';
import { nearest } from '../history/resource-name.ts';
import type { SqlToken } from '../model/query.ts';
import { quoted } from '../text/cluster-text.ts';
import { BEFORE_BRACKET, FUNCTIONS, INSTEAD, KEYWORDS, OPERANDS, REFUSED, TYPES } from './language.ts';
import { isSign, isWord, type Token } from './tokens.ts';

/** A reference to a column; `of` is the view or alias before the dot. */
export interface Reference {
  name: string;
  of: string | null;
  at: number;
}

/** What the names in a statement refer to. */
export interface Names {
  tokens: SqlToken[];
  /** Names in place of a table: views, or tables defined by WITH. */
  relations: { name: string; at: number }[];
  ctes: ReadonlySet<string>;
  /** Names the statement gives to columns and relations. */
  aliases: ReadonlySet<string>;
  /** Names allowed before a dot, with the relation each refers to; null for a subquery. */
  qualifiers: ReadonlyMap<string, string | null>;
  columns: Reference[];
  /** The statement reads all columns of something (`*`). */
  all: boolean;
}

/** An open scope: the statement itself or a bracket. */
interface Frame {
  /** The function whose arguments these are. */
  call: string | null;
  /** The bracket lists the column names of a WITH table. */
  names: boolean;
  /** In a FROM list, where a comma leads to the next relation. */
  inFrom: boolean;
  /** In the definitions of WITH. */
  inWith: boolean;
  expects: 'relation' | 'definition' | null;
}

const frame = (part: Partial<Frame> = {}): Frame => ({
  call: null,
  names: false,
  inFrom: false,
  inWith: false,
  expects: null,
  ...part,
});

/** Clauses that end a FROM list. */
const AFTER_FROM = ['where', 'group', 'having', 'order', 'limit', 'union', 'intersect', 'except'];

/**
 * Tells keywords, functions, relations, aliases and columns apart by their position, which works the same on both engines.
 * Anything out of place is refused.
 * @throws UsageError
 */
export function readNames(tokens: readonly Token[]): Names {
  return new NameReader(tokens).read();
}

class NameReader {
  readonly #tokens: readonly Token[];
  readonly #frames: Frame[] = [frame()];
  readonly #relations: Names['relations'] = [];
  readonly #ctes = new Set<string>();
  readonly #aliases = new Set<string>();
  readonly #qualifiers = new Map<string, string | null>();
  /** Tokens that are aliases: one cannot follow another. */
  readonly #given = new Set<Token>();
  readonly #columns: Reference[] = [];
  #all = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): Names {
    const tokens = this.#tokens.map((token, at): SqlToken => {
      if (token.kind === 'sign') return this.#sign(token, at);
      if (token.kind === 'word' && KEYWORDS.has(token.text) && !isWord(this.#tokens[at - 1], 'as'))
        return this.#keyword(token, at);
      if (token.kind === 'word' || token.kind === 'name') return this.#name(token, at);
      if (this.#followsOperand(at) || isWord(this.#tokens[at - 1], 'as'))
        throw fault(token, 'stands where a name or an operator should');
      return { kind: token.kind, text: token.text };
    });
    return {
      tokens,
      relations: this.#relations,
      ctes: this.#ctes,
      aliases: this.#aliases,
      qualifiers: this.#qualifiers,
      columns: this.#columns,
      all: this.#all,
    };
  }

  get #frame(): Frame {
    return this.#frames.at(-1)!;
  }

  #sign(token: Token, at: number): SqlToken {
    const here = this.#frame;
    if (token.text === ';')
      throw new UsageError('query_sql takes one statement.', {
        hint: 'Leave out what follows the semicolon.',
      });
    if (token.text === '(') this.#open(at);
    if (token.text === ')') this.#frames.pop();
    if (token.text === ',') {
      if (here.inFrom) here.expects = 'relation';
      if (here.inWith && isSign(this.#tokens[at - 1], ')')) here.expects = 'definition';
    }
    const before = this.#tokens[at - 1];
    if (
      token.text === '*' &&
      (isWord(before, 'select', 'distinct', 'all') || isSign(before, ',') || isSign(before, '.'))
    )
      this.#all = true;
    return { kind: 'sign', text: token.text };
  }

  #open(at: number): void {
    const here = this.#frame;
    const before = this.#tokens[at - 1];
    if (here.expects === 'relation') {
      here.expects = null;
      this.#frames.push(frame({ inFrom: true, expects: 'relation' }));
    } else if (here.inWith && here.expects === null && before !== undefined && this.#ctes.has(before.text))
      this.#frames.push(frame({ names: true }));
    else if (before?.kind === 'word' && !KEYWORDS.has(before.text))
      this.#frames.push(frame({ call: before.text }));
    else if (before?.kind === 'name' || (before?.kind === 'word' && !BEFORE_BRACKET.has(before.text)))
      throw noFunction(before);
    else this.#frames.push(frame());
  }

  #keyword(token: Token, at: number): SqlToken {
    const here = this.#frame;
    const { text } = token;
    if (text === 'select') Object.assign(here, { inFrom: false, inWith: false, expects: null });
    if (text === 'with') Object.assign(here, { inWith: true, expects: 'definition' });
    if (text === 'join') here.expects = 'relation';
    if (text === 'from' && !this.#isDistinctFrom(at)) {
      if (here.call !== null) throw fault(token, `may not stand within ${here.call}(...)`);
      Object.assign(here, { inFrom: true, expects: 'relation' });
    }
    if (AFTER_FROM.includes(text)) here.inFrom = false;
    return { kind: 'keyword', text };
  }

  #isDistinctFrom(at: number): boolean {
    return isWord(this.#tokens[at - 1], 'distinct') && isWord(this.#tokens[at - 2], 'is', 'not');
  }

  #name(token: Token, at: number): SqlToken {
    const here = this.#frame;
    const [before, after] = [this.#tokens[at - 1], this.#tokens[at + 1]];
    const name = token.text;
    if (token.kind === 'word' && REFUSED.has(name) && !isSign(after, '(')) throw refusedWord(token);
    const identifier: SqlToken = { kind: 'identifier', text: name };
    if (here.expects === 'definition') {
      here.expects = null;
      this.#ctes.add(name);
      return identifier;
    }
    if (here.expects === 'relation') return this.#relation(token, after);
    if (here.names) this.#aliases.add(name);
    else if (isWord(before, 'as')) {
      if (here.call === 'cast') return typeOf(token);
      this.#alias(name, at - 2);
      this.#given.add(token);
    } else if (isSign(before, '.')) {
      if (isSign(after, '.') || isSign(after, '(')) throw fault(token, 'may not be followed by this');
      this.#columns.push({ name, of: this.#tokens[at - 2]!.text, at: token.at });
    } else if (isSign(after, '.')) {
      if (this.#followsOperand(at)) throw fault(token, 'stands where an operator should');
    } else if (isSign(after, '(')) {
      if (token.kind === 'name' || !FUNCTIONS.has(name)) throw noFunction(token);
      return { kind: 'function', text: name };
    } else if (this.#followsOperand(at)) {
      if (this.#given.has(before!)) throw fault(token, 'stands where a comma or a clause should');
      this.#alias(name, at - 1);
      this.#given.add(token);
    } else this.#columns.push({ name, of: null, at: token.at });
    return identifier;
  }

  #relation(token: Token, after: Token | undefined): SqlToken {
    if (isSign(after, '.')) throw fault(token, 'is followed by a dot: views have no schema before them');
    if (isSign(after, '('))
      throw new UsageError(
        `SQL, character ${token.at}: only views can be read from, ${quoted(token.text)} is called like a function.`,
      );
    this.#frame.expects = null;
    this.#relations.push({ name: token.text, at: token.at });
    this.#qualifiers.set(token.text, token.text);
    return { kind: 'identifier', text: token.text };
  }

  /** Registers a name given to whatever ends at `end`: a relation, a subquery or a column. */
  #alias(name: string, end: number): void {
    this.#aliases.add(name);
    if (!this.#frame.inFrom) return;
    const named = this.#tokens[end]!;
    const isRelation = this.#relations.some(one => one.at === named.at);
    this.#qualifiers.set(name, isRelation ? named.text : null);
  }

  /** Whether a complete operand precedes, so that a name here can only be an alias. */
  #followsOperand(at: number): boolean {
    const before = this.#tokens[at - 1];
    if (before === undefined) return false;
    if (before.kind === 'sign') return before.text === ')';
    return before.kind !== 'word' || !KEYWORDS.has(before.text) || OPERANDS.has(before.text);
  }
}

function typeOf(token: Token): SqlToken {
  if (token.kind === 'word' && Object.hasOwn(TYPES, token.text))
    return { kind: 'type', text: TYPES[token.text]! };
  throw new UsageError(
    `SQL, character ${token.at}: cast makes text, integer or real, not ${quoted(token.text)}.`,
  );
}

function fault(token: Token, why: string): UsageError {
  return new UsageError(`SQL, character ${token.at}: ${quoted(token.text)} ${why}.`);
}

function refusedWord({ text, at }: Token): UsageError {
  const instead = Object.hasOwn(INSTEAD, text) ? { hint: INSTEAD[text]! } : {};
  return new UsageError(`SQL, character ${at}: ${text} is not supported here.`, instead);
}

function noFunction({ text, at }: Token): UsageError {
  const near = nearest(text, FUNCTIONS);
  const instead = Object.hasOwn(INSTEAD, text)
    ? `${INSTEAD[text]} `
    : near.length > 0
      ? `Did you mean ${near.join(' or ')}? `
      : '';
  return new UsageError(`SQL, character ${at}: there is no function ${quoted(text)} here.`, {
    hint: `${instead}Functions: ${[...FUNCTIONS].sort().join(', ')}.`,
  });
}
