import type { DatabaseStore } from '../../src/database/index.ts';
import { noLog } from '../../src/log.ts';
import { createToolRunner } from '../../src/mcp/runner/tool-runner.ts';
import { tools } from '../../tools/index.ts';

/** Calls tools in this process on a store in which everything is fresh. @throws the text of a failed call. */
export function freshTools(store: DatabaseStore, now: number) {
  const runner = createToolRunner({
    open: async () => ({
      store,
      discovery: {
        ensure: async ({ facets }) => ({
          asOf: Object.fromEntries([...facets].map(facet => [facet, now])),
          source: 'live',
          stale: null,
          unseen: [],
        }),
        discover: () => Promise.reject(new Error('nothing is discovered here')),
        onEvent: () => () => {},
      },
    }),
    tools,
    maxAgeMs: Number.MAX_SAFE_INTEGER,
    timeZone: 'UTC',
    now: () => now,
    log: noLog,
  });
  return async (tool: string, args: object): Promise<Record<string, unknown>> => {
    const result = await runner.run(tool, args);
    if (result.isError) throw new Error((result.content[0] as { text: string }).text);
    return result.structuredContent!;
  };
}
