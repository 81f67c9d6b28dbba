import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Answer, PersonAsked } from '../define/applying.ts';

/** How long a person may take to answer (ms); afterwards nobody has agreed. */
export const ANSWER_WITHIN_MS = 60_000;

/**
 * Asks the person in front of the client by a dialog of the client's own, which no model fills in. Undefined if the client has
 * not said that it can show one. `signal`: nobody waits for the answer any more.
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
          // There is nothing to fill in: accepting means yes.
          {
            method: 'elicitation/create',
            params: { message: text, requestedSchema: { type: 'object', properties: {} } },
          },
          ElicitResultSchema,
          { timeout: withinMs, maxTotalTimeout: withinMs, signal },
        );
        return action === 'accept' ? 'yes' : 'no';
      } catch {
        // Too late, gone, or no dialog after all: in any case nobody said yes.
        return 'silence';
      }
    },
  };
}
