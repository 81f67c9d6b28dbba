import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CompleteRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { describeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { clusterText } from '../../text/cluster-text.ts';
import type { PromptDefinition } from '../define/prompt.ts';
import type { ResourceDefinition } from '../define/resource.ts';
import type { ToolRunner } from '../runner/tool-runner.ts';
import { onRequest } from './on-request.ts';
import { completePrompt } from './prompt-server.ts';

/** The protocol's own limit. */
const COMPLETIONS_AT_MOST = 100;
/** About the length of a UPID (characters). */
const VALUE_AT_MOST = 400;

/** Whose variables and arguments are completed, and how values are read. */
export interface CompletionServerOptions {
  resources: readonly ResourceDefinition[];
  prompts: readonly PromptDefinition[];
  runner: ToolRunner;
  log: Log;
}

/** Answers completion/complete for template variables and prompt arguments from the store, without a refresh. */
export function serveCompletions(
  server: Server,
  { resources, prompts, runner, log }: CompletionServerOptions,
): void {
  onRequest(server, CompleteRequestSchema, async ({ params: { ref, argument, context } }) => {
    const values = async (): Promise<string[]> => {
      if (ref.type === 'ref/prompt') {
        const prompt = prompts.find(one => one.name === ref.name);
        return completePrompt(prompt, argument.name, argument.value, () => runner.context([]));
      }
      const definition = resources.find(one => one.uri === ref.uri);
      if (definition?.complete === undefined) return [];
      return definition.complete(
        argument.name,
        argument.value,
        await runner.context([]),
        context?.arguments ?? {},
      );
    };
    const offered = await values().catch(error => {
      log.warn('no completions', { error: describeError(error) });
      return [];
    });
    // A name that would have to be shortened or masked is not offered: the result would name nothing.
    const all = offered.filter(value => clusterText(value, VALUE_AT_MOST) === value);
    return {
      completion: {
        values: all.slice(0, COMPLETIONS_AT_MOST),
        total: all.length,
        hasMore: all.length > COMPLETIONS_AT_MOST,
      },
    };
  });
}
