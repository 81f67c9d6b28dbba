import type { PromptArgument, PromptDefinition } from '../mcp/define/prompt.ts';
import { type NameKind, namesOf } from '../mcp/define/prompt-names.ts';
import type { ToolRunner } from '../mcp/runner/tool-runner.ts';

/** The prompts for several clusters: arguments offer the names of all of them. */
export function clusterPrompts(
  definitions: readonly PromptDefinition[],
  members: ReadonlyMap<string, ToolRunner>,
): PromptDefinition[] {
  return definitions.map(definition => ({
    ...definition,
    arguments: definition.arguments.map(
      ({ complete, ...argument }): PromptArgument => ({
        ...argument,
        ...(complete !== undefined && {
          complete: typeof complete === 'string' ? () => namesInAll(complete, members) : complete,
        }),
      }),
    ),
  }));
}

/** Names without a cluster if only one has them, otherwise resources with their cluster; from all clusters that can be read. */
async function namesInAll(kind: NameKind, members: ReadonlyMap<string, ToolRunner>): Promise<string[]> {
  const outcomes = await Promise.allSettled(
    [...members].map(async ([cluster, runner]) => {
      const names = await namesOf(kind, (await runner.context([])).store);
      return names.map(name => ({ name, cluster }));
    }),
  );
  const all = Map.groupBy(
    outcomes.flatMap(one => (one.status === 'fulfilled' ? one.value : [])),
    one => one.name,
  );
  return [...all].flatMap(([name, owners]) =>
    kind === 'nodes' || owners.length === 1 ? [name] : owners.map(({ cluster }) => `${cluster}:${name}`),
  );
}
