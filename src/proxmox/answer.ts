import { MAX_INT } from '../model/limits.ts';
import { nodeOfPath, oneLine, ProxmoxError } from './proxmox-error.ts';
import { type RawAnswer, refusal } from './refusal.ts';
import { type AnswerSchema, AnswerShapeError, type Dropped } from './schema.ts';

/** The data of an answer and, for task lists and logs, the total number of rows. */
export interface Page<T> {
  data: T;
  /** PVE omits it where it is 0 or unknown. */
  total: number | undefined;
}

/** How answers are read: who asked, what is done to their data first, and who hears of the parts that had to be left out. */
export interface Reading {
  identity: string;
  seal: ((data: unknown) => unknown) | undefined;
  onDropped: (dropped: Dropped) => void;
}

/** Reads an answer as its endpoint declares it. @throws ProxmoxError. */
export function readAnswer<T>(
  path: string,
  answer: RawAnswer,
  schema: AnswerSchema<T>,
  { identity, seal, onDropped }: Reading,
): Page<T> {
  if (answer.status !== 200) throw refusal(path, answer, identity);
  const envelope = parseJson(path, answer.body);
  if ((envelope.data === undefined || envelope.data === null) && !schema.mayBeNothing)
    throw bad(path, 'holds no data');
  try {
    return {
      data: schema.read(seal === undefined ? envelope.data : seal(envelope.data), onDropped),
      total: countOf(envelope.total),
    };
  } catch (error) {
    if (error instanceof AnswerShapeError)
      throw bad(path, `is not what Proxmox VE sends here: ${oneLine(error.message)}`);
    throw error;
  }
}

/** The total, unless it is no possible number of rows. */
function countOf(total: unknown): number | undefined {
  return typeof total === 'number' && Number.isInteger(total) && total >= 0 && total <= MAX_INT
    ? total
    : undefined;
}

/** U+0000 and lone surrogates: PVE passes them on from guests' notes, but neither PostgreSQL's text nor UTF-8 can hold them. */
const UNSTORABLE_ESCAPE = /\\u(?:0000|d[89a-f])/i;

function withoutUnstorable(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const named = value as Record<string, unknown>;
    // PVE itself never uses such a name, so it can go.
    for (const name of Object.keys(named)) if (storable(name) !== name) delete named[name];
  }
  return value;
}

function storable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing it is the point
  return text.replace(/\u0000/g, '').toWellFormed();
}

function parseJson(path: string, body: string): { data?: unknown; total?: unknown } {
  if (/^\s*</.test(body)) {
    throw bad(
      path,
      'is a web page',
      'A proxy, a login page or another service answers there; the API is at https://HOST:8006.',
    );
  }
  if (body.trim() === '') throw bad(path, 'is empty');
  let parsed: unknown;
  try {
    parsed = UNSTORABLE_ESCAPE.test(body) ? JSON.parse(body, withoutUnstorable) : JSON.parse(body);
  } catch {
    throw bad(path, 'is not complete JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw bad(path, 'is not a JSON object');
  return parsed;
}

function bad(path: string, what: string, hint?: string): ProxmoxError {
  return new ProxmoxError('bad-answer', `The answer to GET ${path} ${what}`, {
    status: 200,
    path,
    node: nodeOfPath(path),
    hint: hint ?? 'Try again; if it stays, this version of Proxmox VE may not be supported.',
  });
}
