import { UsageError } from '../errors.ts';
import type { ToolRunner } from '../mcp/runner/tool-runner.ts';
import type { Asked } from './ask.ts';

/** Accepts data of any age, so that a slow cluster delays nothing that belongs to another one (s). */
const AS_KNOWN = { max_age_seconds: 31_536_000 };

/**
 * The cluster that a declaration or a plan is about: the one named, the one that has the plan, or the only one that has the
 * resource.
 * @throws UsageError if that is not exactly one
 */
export async function oneClusterFor(
  members: ReadonlyMap<string, ToolRunner>,
  { each, args }: Asked,
): Promise<string> {
  const meant = [...each.keys()];
  if (meant.length === 1) return meant[0]!;
  const { plan, undo, resource } = args as { plan?: string; undo?: string; resource?: unknown };
  const id = plan ?? undo;
  const holds =
    id !== undefined
      ? async (runner: ToolRunner) => (await (await runner.context([])).store.plan(String(id))) !== null
      : resource !== undefined
        ? async (runner: ToolRunner) => {
            const found = await runner.run('get_resource', { resource, include: ['config'], ...AS_KNOWN });
            return found.isError !== true;
          }
        : null;
  if (holds === null)
    throw new UsageError('A declaration and a plan belong to one cluster.', {
      hint: `Say which: cluster ${meant.join(' or ')}.`,
    });
  const having = await Promise.all(
    meant.map(async cluster => ((await holds(members.get(cluster)!).catch(() => false)) ? [cluster] : [])),
  );
  const [one, ...others] = having.flat();
  if (one !== undefined && others.length === 0) return one;
  const what = String(id ?? resource).slice(0, 100);
  throw new UsageError(`${what} is in ${one === undefined ? 'none of the clusters' : 'several clusters'}.`, {
    hint: `Say which: ${(one === undefined ? meant : [one, ...others]).map(cluster => `cluster ${cluster}`).join(' or ')}.`,
  });
}
