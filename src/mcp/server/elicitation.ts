import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Answer, PersonAsked } from '../define/applying.ts';

/** How long a person may take; after it nobody has agreed (ms). */
export const ANSWER_WITHIN_MS = 60_000;

/**
 * The person in front of the client, asked by a dialog of the client's own, which no model fills in. Undefined where the client
 * has not said that it can show one. `signal`: nobody waits for the answer any more.
 */
export function personBehind(
  server: Server,
  signal: AbortSignal,
  withinMs = ANSWER_WITHIN_MS,
): PersonAsked | undefined {
  if (server.getClientCapabilities()?.elicitation?.form === undefined) return undefined;
  return {
    how: 'elicitation',
    ask: async ({ text }): Promise<Answer> => {
      try {
        const { action } = await server.request(
          // Nothing is to be filled in: to accept is to say yes.
          {
            method: 'elicitation/create',
            params: { message: text, requestedSchema: { type: 'object', properties: {} } },
          },
          ElicitResultSchema,
          { timeout: withinMs, maxTotalTimeout: withinMs, signal },
        );
        return action === 'accept' ? 'yes' : 'no';
      } catch {
        // Too late, gone, or no dialog after all: whatever the reason, nobody said yes.
        return 'silence';
      }
    },
  };
}
