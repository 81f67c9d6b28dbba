import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { MpcError } from '../../errors.ts';
import type { PersonAsked } from '../define/applying.ts';
import { capabilitiesOf, clientOf } from './era.ts';

/*
 * Asking a person in revision 2026-07-28, in which a server sends no requests: the call is answered with the question, and is
 * made once more with the answer. Source: its page on multi round-trip requests.
 */

/** How long an answer may take (ms). The plan is read and checked again when it arrives. */
const ANSWER_WITHIN_MS = 600_000;
/** The key of the only question. */
const QUESTION = 'approval';

/** What a question was about, and which client was asked: only an answer to exactly that counts. */
interface Asked {
  plan: string;
  /** SHA-256 of the text shown to the person, in hexadecimal digits. */
  shown: string;
  client: string;
  /** The latest moment for an answer (ms). */
  until: number;
  id: string;
}

/** One call, which may have to be repeated with a person's answer. */
export interface RoundTrip {
  person: PersonAsked;
  /** The answer to the call if the person has yet to be asked; null if the call went on. */
  question(): { [field: string]: unknown } | null;
}

/** The call ended because a person must be asked first; nothing was done. */
class AskedFirst extends MpcError {
  constructor() {
    super('asked-first', 'A person is asked first: the call is to be made again with the answer.');
  }
}

/** The questions of one process. Each answer counts once; answers to another process's questions, or to none, do not count. */
export class RoundTrips {
  readonly #key = randomBytes(32);
  readonly #used = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * How to ask a person during this call. Undefined for a call of an older revision, or of a client that cannot ask.
   * @throws McpError for a `requestState` that this process did not give to this client, or that was used or is too old
   */
  of(params: object, meta: object | undefined): RoundTrip | undefined {
    const capabilities = capabilitiesOf(meta);
    if (capabilities === undefined) return undefined;
    const { elicitation } = capabilities as { elicitation?: object };
    const { requestState, inputResponses } = params as { requestState?: unknown; inputResponses?: unknown };
    const client = clientOf(meta) ?? '';
    const asked = requestState === undefined ? null : this.#opened(requestState, client);
    if (elicitation === undefined || !('form' in elicitation || Object.keys(elicitation).length === 0))
      return undefined;
    let open: { plan: string; text: string } | null = null;
    return {
      person: {
        how: 'elicitation',
        ask: async ({ plan, text }) => {
          const action = actionOf(inputResponses);
          const isThat = asked !== null && asked.plan === plan && asked.shown === digest(text);
          if (isThat && action !== undefined) return action === 'accept' ? 'yes' : 'no';
          open = { plan, text };
          throw new AskedFirst();
        },
      },
      question: () => (open === null ? null : this.#question(open, client)),
    };
  }

  #question({ plan, text }: { plan: string; text: string }, client: string): { [field: string]: unknown } {
    const until = this.#now() + ANSWER_WITHIN_MS;
    const asked: Asked = { plan, shown: digest(text), client, until, id: randomUUID() };
    const packed = Buffer.from(JSON.stringify(asked)).toString('base64url');
    return {
      resultType: 'input_required',
      inputRequests: {
        [QUESTION]: {
          method: 'elicitation/create',
          // There is nothing to fill in: accepting means yes.
          params: { message: text, requestedSchema: { type: 'object', properties: {} } },
        },
      },
      requestState: `${packed}.${this.#signature(packed).toString('base64url')}`,
    };
  }

  #opened(state: unknown, client: string): Asked {
    const [packed = '', signature = ''] = String(state).split('.');
    const [given, own] = [Buffer.from(signature, 'base64url'), this.#signature(packed)];
    if (given.length === own.length && timingSafeEqual(given, own)) {
      const asked = JSON.parse(Buffer.from(packed, 'base64url').toString()) as Asked;
      const now = this.#now();
      for (const [id, until] of this.#used) if (until < now) this.#used.delete(id);
      if (asked.client === client && asked.until >= now && !this.#used.has(asked.id)) {
        this.#used.set(asked.id, asked.until);
        return asked;
      }
    }
    throw new McpError(
      ErrorCode.InvalidParams,
      'tools/call: that requestState was not given to you, was used, or is too old. Call again without it.',
    );
  }

  #signature(packed: string): Buffer {
    return createHmac('sha256', this.#key).update(packed).digest();
  }
}

function actionOf(responses: unknown): string | undefined {
  const answer = (responses as { [key: string]: unknown } | null | undefined)?.[QUESTION];
  const { action } = (answer ?? {}) as { action?: unknown };
  return typeof action === 'string' ? action : undefined;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
