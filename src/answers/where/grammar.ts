import { UsageError } from '../../errors.ts';
import { quoted } from '../format/text.ts';

/** How a field is compared, the longest first: `>=` is not `>` and a value. */
export const OPERATORS = ['!=', '<=', '>=', '=', '~', '<', '>'] as const;
/** One of `OPERATORS`. */
export type Operator = (typeof OPERATORS)[number];

/** A condition as it was written, not yet bound to what is known. */
export interface Condition {
  /** It holds where the rest does not. */
  not: boolean;
  /** `onboot`, `nic.tag`. */
  field: string;
  /** What it is compared with; null asks whether it is there and not false. */
  comparison: { operator: Operator; values: readonly string[] } | null;
  /** What one element must meet, as of a disk; null where no brackets stand. */
  element: readonly Condition[] | null;
}

/** Conditions do not get longer than this together (characters). */
export const WHERE_AT_MOST = 2_000;

const EXAMPLES =
  'Examples: onboot=1, !agent, memory>8192, tag=prod|web, disk(bus=ide,storage=local), last_backup>7d.';
const NAME = /[A-Za-z][\w-]*(?:\.\w[\w-]*)*/y;
/** What a value may hold without quotes. Two conditions in one text would else read as one value. */
const PLAIN = /[^",|()=<>~]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;

/**
 * Reads conditions, commas between them: all must hold. Takes time by the length of the text.
 * @throws UsageError that says where the text is none, and shows examples.
 */
export function parseConditions(text: string): Condition[] {
  if (text.length > WHERE_AT_MOST)
    throw refusal(`The conditions are longer than ${WHERE_AT_MOST} characters`);
  const reader = new Reader(text);
  const conditions = reader.conditions(false);
  reader.end();
  return conditions;
}

/** The text that reads as these conditions. */
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
  const isPlain = value !== '' && value === value.trim() && !/[",|()=<>~]/.test(value);
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
      // A comma at the end is no condition, nor is nothing at all.
      if (this.#at === this.#text.length || (inBrackets && this.#text[this.#at] === ')')) break;
      found.push(this.#condition(inBrackets));
      this.#blanks();
    } while (this.#take(','));
    return found;
  }

  end(): void {
    if (this.#at === this.#text.length) return;
    const rest = this.#text.slice(this.#at);
    throw refusal(
      /^["()=<>~]/.test(rest)
        ? `A value with ${quoted(rest[0]!)} in it must stand in double quotes`
        : `${quoted(rest.slice(0, 30))} is not understood`,
    );
  }

  #condition(inBrackets: boolean): Condition {
    const not = this.#take('!');
    this.#blanks();
    const field = this.#match(NAME)?.[0];
    if (field === undefined)
      throw refusal(`A field is missing before ${quoted(this.#text.slice(this.#at, this.#at + 30))}`);
    this.#blanks();
    const element = !inBrackets && this.#take('(') ? this.#element(field) : null;
    this.#blanks();
    const operator = element === null ? OPERATORS.find(one => this.#take(one)) : undefined;
    if (operator === undefined) return { not, field, comparison: null, element };
    return { not, field, comparison: { operator, values: this.#values(field, operator) }, element };
  }

  #element(field: string): Condition[] {
    const conditions = this.conditions(true);
    if (!this.#take(')')) throw refusal(`The brackets after ${field} are not closed`);
    return conditions;
  }

  #values(field: string, operator: Operator): string[] {
    const values: string[] = [];
    do {
      this.#blanks();
      const within = this.#match(QUOTED)?.[1];
      const value = within?.replace(/\\(.)/gs, '$1') ?? this.#match(PLAIN)![0].trim();
      if (within === undefined && value === '') {
        if (values.length === 0 && !this.#isNext('|') && (operator === '=' || operator === '!=')) return [];
        throw refusal(`A value is missing after ${field}${operator}`);
      }
      values.push(value);
      this.#blanks();
    } while (this.#take('|'));
    return values;
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

function refusal(what: string): UsageError {
  return new UsageError(`where: ${what}.`, { hint: EXAMPLES });
}
