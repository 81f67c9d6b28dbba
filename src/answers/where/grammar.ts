import { UsageError } from '../../errors.ts';
import { quoted } from '../format/text.ts';
import {
  AND,
  correction,
  JOINED,
  OPERATORS,
  type Operator,
  SPELLED,
  type Spelling,
  spokenValue,
} from './operators.ts';

/** A condition as it was written, not yet bound to fields. */
export interface Condition {
  /** It holds if the rest does not. */
  not: boolean;
  /** `onboot`, `nic.tag`. */
  field: string;
  /** What it is compared with; null asks whether it is there and not false. */
  comparison: { operator: Operator; values: readonly string[] } | null;
  /** The conditions in brackets, all to be met by one element, such as a disk; null without brackets. */
  element: readonly Condition[] | null;
}

/** Whether a comparison asks for absence, or with `!=` for presence: `pool=`, `pool=""`. */
export function isAbsence(comparison: Condition['comparison']): boolean {
  if (comparison === null || !/^!?=$/.test(comparison.operator)) return false;
  const [value, ...others] = comparison.values;
  return (value ?? '') === '' && others.length === 0;
}

/** Most characters of all conditions together. */
const WHERE_AT_MOST = 2_000;

const EXAMPLES =
  'Examples: onboot=1, !agent, memory>8192, tag=prod|web, disk(bus=ide,storage=local), last_backup>7d.';
const NAME = /[A-Za-z][\w-]*(?:\.\w[\w-]*)*/y;
/** What a value may contain without quotes, so that two conditions in one text do not read as one value. */
const PLAIN = /[^",|()=<>~]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy;
const NOT = /not\s+(?=[A-Za-z])/iy;

/**
 * Reads conditions separated by commas: all must hold. Takes time proportional to the length of the text.
 * @throws UsageError that says where the text is wrong, with examples
 */
export function parseConditions(text: string): Condition[] {
  if (text.length > WHERE_AT_MOST)
    throw refusal(`The conditions are longer than ${WHERE_AT_MOST} characters`);
  const reader = new Reader(text);
  const conditions = reader.conditions(false);
  reader.end();
  return conditions;
}

/** The text of these conditions. */
export function printConditions(conditions: readonly Condition[]): string {
  return conditions.map(printCondition).join(',');
}

/** The text of one condition. */
export function printCondition({ not, field, comparison, element }: Condition): string {
  const brackets = element === null ? '' : `(${printConditions(element)})`;
  const compared =
    comparison === null ? '' : `${comparison.operator}${comparison.values.map(printValue).join('|')}`;
  return `${not ? '!' : ''}${field}${brackets}${compared}`;
}

function printValue(value: string): string {
  const isPlain =
    value !== '' && value === value.trim() && !/^'|[",|()=<>~]/.test(value) && !JOINED.test(value);
  return isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  conditions(inBrackets: boolean): Condition[] {
    const found: Condition[] = [];
    do {
      this.#blanks();
      // A trailing comma, or no text at all, is no condition.
      if (this.#at === this.#text.length || (inBrackets && this.#text[this.#at] === ')')) break;
      found.push(this.#condition(inBrackets));
      this.#blanks();
    } while (this.#take(',') || this.#match(AND) !== null);
    return found;
  }

  end(): void {
    if (this.#at === this.#text.length) return;
    const rest = this.#text.slice(this.#at);
    throw this.#refusal(
      /^["()=<>~]/.test(rest)
        ? `A value with ${quoted(rest[0]!)} in it must stand in double quotes`
        : `${quoted(rest.slice(0, 30))} is not understood`,
    );
  }

  #condition(inBrackets: boolean): Condition {
    const not = this.#take('!') || this.#match(NOT) !== null;
    this.#blanks();
    const field = this.#match(NAME)?.[0];
    if (field === undefined)
      throw this.#refusal(`A field is missing before ${quoted(this.#text.slice(this.#at, this.#at + 30))}`);
    this.#blanks();
    const element = !inBrackets && this.#take('(') ? this.#element(field) : null;
    this.#blanks();
    const spelling = element === null ? this.#spelling() : undefined;
    if (spelling === undefined) return { not, field, comparison: null, element };
    const { operator } = spelling;
    const values = spelling.values === 'absent' ? [] : this.#listed(field, spelling);
    return { not: not !== (spelling.not ?? false), field, comparison: { operator, values }, element };
  }

  #spelling(): Spelling | undefined {
    const spelled = SPELLED.find(([form]) => this.#match(form) !== null)?.[1];
    const operator = spelled?.operator ?? OPERATORS.find(one => this.#take(one));
    return operator === undefined ? undefined : { ...spelled, operator };
  }

  /** Values, perhaps in brackets and separated by commas after `in`. */
  #listed(field: string, spelling: Spelling): string[] {
    this.#blanks();
    if (spelling.values !== 'list' || !this.#take('(')) return this.#values(field, spelling);
    const values: string[] = [];
    do values.push(...this.#values(field, spelling));
    while (this.#take(','));
    if (!this.#take(')')) throw this.#refusal(`The brackets after ${field} are not closed`);
    return values;
  }

  #element(field: string): Condition[] {
    const conditions = this.conditions(true);
    if (!this.#take(')')) throw this.#refusal(`The brackets after ${field} are not closed`);
    return conditions;
  }

  #values(field: string, { operator, values: meant }: Spelling): string[] {
    const values: string[] = [];
    do {
      this.#blanks();
      const match = this.#match(QUOTED);
      const within = match?.[1] ?? match?.[2];
      const value = within?.replace(/\\(.)/gs, '$1') ?? this.#plain();
      if (within === undefined && value === '') {
        if (values.length === 0 && !this.#isNext('|') && (operator === '=' || operator === '!=')) return [];
        throw this.#refusal(`A value is missing after ${field}${operator}`);
      }
      values.push(spokenValue(value, meant));
      this.#blanks();
    } while (this.#take('|'));
    return values;
  }

  /** A value without quotes, up to where another condition begins. */
  #plain(): string {
    const start = this.#at;
    const value = this.#match(PLAIN)![0];
    const joined = JOINED.exec(this.#text.slice(start));
    if (joined === null || joined.index >= value.length) return value.trim();
    this.#at = start + joined.index;
    return value.slice(0, joined.index).trim();
  }

  #refusal(what: string): UsageError {
    return refusal(what, correction(this.#text));
  }

  #isNext(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#isNext(text)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #blanks(): void {
    while (this.#at < this.#text.length && /\s/.test(this.#text[this.#at]!)) this.#at++;
  }
}

function refusal(what: string, corrected?: string): UsageError {
  return new UsageError(`where: ${what}.`, {
    hint: corrected === undefined ? EXAMPLES : `${corrected} ${EXAMPLES}`,
  });
}
