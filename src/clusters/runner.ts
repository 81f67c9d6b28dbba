import { describeError, MpcError, UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Arguments } from '../mcp/define/cursor.ts';
import { text } from '../mcp/define/input.ts';
import { partialOutput } from '../mcp/define/output.ts';
import type { ToolDefinition } from '../mcp/define/tool.ts';
import type { Progress } from '../mcp/runner/progress.ts';
import { pageResult, toolError, toolResult } from '../mcp/runner/results.ts';
import type { RunOptions, ToolRunner } from '../mcp/runner/tool-runner.ts';
import { type Asked, askEach } from './ask.ts';
import { type Answer, type Joined, joinAnswers, namedAnswer } from './join.ts';
import { oneClusterFor } from './one-cluster.ts';
import { orderOf } from './order.ts';
import { joinCursors, type Places } from './places.ts';
import { together } from './together.ts';

/** The clusters of one server by name, in the order of the file. */
export type Members = ReadonlyMap<string, ToolRunner>;

/** Tools for one cluster only: they never act on all of them. */
const ONE_ONLY: ReadonlySet<string> = new Set(['plan_changes', 'apply_plan']);
/** The arguments with which `declare_state` declares; without any of them, it only shows the declaration. */
const DECLARING = ['set', 'like', 'accept', 'remove', 'rollback_to'];
/** Tools whose answers are listed side by side. */
const WHOLE: ReadonlySet<string> = new Set(['get_cluster_status', 'discover']);
/** An age that never requires a refresh (s). */
const AS_KNOWN = 31_536_000;

/**
 * One runner over several clusters: asks all clusters that a call means at the same time, and joins their answers. For a call
 * about one thing it finds the cluster that has it, and refuses if several do.
 */
export function createClustersRunner(members: Members, log: Log): ToolRunner {
  const names = [...members.keys()];
  const tools = toolsOf(members, names);
  const byName = new Map(tools.map(tool => [tool.name, tool]));

  const call = async (
    tool: ToolDefinition,
    given: Arguments,
    around: RunOptions,
  ): ReturnType<ToolRunner['run']> => {
    const asked = askEach(given, names);
    if (isOfOne(tool.name, asked.args)) {
      const one = await oneClusterFor(members, asked);
      const facts = await factsOf(members.get(one)!, tool.name, asked.each.get(one)!, around);
      return toolResult(namedAnswer({ cluster: one, facts, late: false }));
    }
    const { answers, failed } = await gather(members, tool, asked, around);
    const result = tool.forApps ? pageResult : toolResult;
    if (asked.aboutOne) return result({ ...namedAnswer(theOnly(answers, asked)), ...without(failed) });
    const { facts, pages } = joinAnswers(answers, asked.args, {
      whole: WHOLE.has(tool.name),
      order: orderOf(tool.name, asked.args),
      all: tool.forApps === true,
    });

    const next =
      'cursor' in tool.input ? await goOn(members, tool, asked, answers, pages, around) : undefined;
    return result({ ...facts, ...(next && { next_cursor: next }), ...without(failed, facts) });
  };

  return {
    tools,
    run: async (name, args, around = {}) => {
      const tool = byName.get(name);
      // A runner that knows all tools explains what is wrong with the name.
      if (tool === undefined) return members.values().next().value!.run(name, args, around);
      try {
        return await call(tool, (args ?? {}) as Arguments, around);
      } catch (error) {
        if (around.signal?.aborted) throw error;
        if (!(error instanceof MpcError))
          log.error('tool failed', { tool: name, error: describeError(error) });
        around.failed?.(error);
        return toolError(error);
      }
    },
    context: anyContext(members),
    onEvent: listener => {
      const ends = [...members].map(([cluster, runner]) =>
        runner.onEvent(event =>
          listener(
            'resources' in event
              ? { ...event, resources: event.resources.map(key => `${cluster}:${key}`) }
              : event.type === 'tasks'
                ? { ...event, upids: event.upids.map(upid => `${cluster}:${upid}`) }
                : event,
          ),
        ),
      );
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** A context of whichever cluster opens first: all of them are opened, but not waited for. */
function anyContext(members: Members): ToolRunner['context'] {
  return async (facets, options) => {
    const contexts = [...members.values()].map(one => one.context(facets, options));
    try {
      const opened = await Promise.any(contexts);
      // What a cluster hides from the asker is said with its own facts.
      return { ...opened, freshness: { ...opened.freshness, unseen: [] } };
    } catch {
      return contexts[0]!;
    }
  };
}

function isOfOne(tool: string, args: Arguments): boolean {
  if (tool === 'declare_state') return DECLARING.some(name => args[name] !== undefined);
  return ONE_ONLY.has(tool);
}

/** The tools of all clusters, each with an argument `cluster`. */
function toolsOf(members: Members, names: readonly string[]): ToolDefinition[] {
  const cluster = text(`Of these clusters: ${names.join(', ')}. All where left out.`);
  const all = new Map<string, ToolDefinition>();
  // A tool is listed if any cluster lists it: apply_plan, if one has a token for writing.
  for (const tool of [...members.values()].flatMap(({ tools }) => tools))
    if (all.get(tool.name)?.unlisted !== undefined || !all.has(tool.name)) all.set(tool.name, tool);
  return [...all.values()].map(tool => ({
    ...tool,
    input: { cluster, ...tool.input },
    // Fields that each cluster has for itself are in `clusters`.
    output: partialOutput(tool.output),
  }));
}

/** One cluster's answer as facts. @throws the error that its result was made from */
async function factsOf(
  runner: ToolRunner,
  tool: string,
  args: Arguments,
  around: RunOptions,
): Promise<Answer['facts']> {
  const thrown: unknown[] = [];
  const result = await runner.run(tool, args, { ...around, failed: error => void thrown.push(error) });
  if (result.isError) throw thrown[0] ?? new Error('the call failed');
  return result.structuredContent as Answer['facts'];
}

async function gather(
  members: Members,
  tool: ToolDefinition,
  { each, args, left, aboutOne }: Asked,
  around: RunOptions,
): Promise<{ answers: Answer[]; failed: Map<string, string> }> {
  const progressOf = sharedProgress(around);
  const ask = (more: Arguments) => (cluster: string) =>
    factsOf(
      members.get(cluster)!,
      tool.name,
      { ...each.get(cluster)!, ...more },
      { ...around, ...progressOf(cluster) },
    );
  const outcomes = await together(
    [...each.keys()],
    ask({}),
    'max_age_seconds' in tool.input ? ask({ max_age_seconds: AS_KNOWN }) : null,
  );
  const answers: Answer[] = [];
  const failed = new Map(left);
  const errors = new Map<string, unknown>();
  for (const [cluster, outcome] of outcomes) {
    if ('value' in outcome) answers.push({ cluster, facts: outcome.value, late: outcome.late });
    else errors.set(cluster, outcome.error);
  }
  if (answers.length === 0) throw togetherError(errors, failed);
  for (const [cluster, error] of errors) {
    // For a call about one thing, or with one cluster's cursor, the others need not have an answer.
    const elsewhere = error instanceof UsageError && (aboutOne || args['cursor'] !== undefined);
    if (!elsewhere) failed.set(cluster, describeError(error));
  }
  return { answers, failed };
}

/** The error if no cluster could answer: their common reason, or each cluster's own. */
function togetherError(errors: ReadonlyMap<string, unknown>, failed: ReadonlyMap<string, string>): unknown {
  const [first, ...rest] = [...errors.values()];
  const same = rest.every(error => describeError(error) === describeError(first));
  if (first !== undefined && same && failed.size === 0) return first;
  const said = [...[...errors].map(([cluster, error]) => [cluster, describeError(error)]), ...failed];
  const hint = first instanceof MpcError ? first.hint : undefined;
  const message = said.map(([cluster, why]) => `${cluster}: ${why}`).join(' ');
  const usage = [...errors.values()].every(error => error instanceof UsageError);
  const options = hint === undefined ? {} : { hint };
  return usage ? new UsageError(message, options) : new MpcError('clusters', message, options);
}

/** @throws UsageError naming the candidates if several clusters have what is meant */
function theOnly(answers: readonly Answer[], { args }: Asked): Answer {
  const [one, ...others] = answers;
  if (others.length === 0) return one!;
  const field = ['resource', 'with', 'if_down', 'upid'].find(name => args[name] !== undefined)!;
  const candidates = answers.map(({ cluster, facts }) => {
    const { resource } = facts as { resource?: { resource?: unknown } };
    return `${cluster}:${resource?.resource ?? args[field]}`;
  });
  throw new UsageError(`${field} ${String(args[field]).slice(0, 100)} is in several clusters.`, {
    hint: `Say which: ${candidates.join(' or ')}.`,
  });
}

/** The clusters missing from an answer, and why. */
function without(failed: ReadonlyMap<string, string>, facts: { [name: string]: unknown } = {}): object {
  if (failed.size === 0) return {};
  const rows = [...failed].map(([cluster, error]) => ({ cluster, error }));
  return { clusters: [...((facts['clusters'] as object[] | undefined) ?? []), ...rows] };
}

/** Where the next page begins: after the rows of each cluster that this one used. */
async function goOn(
  members: Members,
  tool: ToolDefinition,
  { each, args, before }: Asked,
  answers: readonly Answer[],
  pages: Joined['pages'],
  around: RunOptions,
): Promise<string | undefined> {
  const places: Places = Object.fromEntries(Object.keys(before).map(cluster => [cluster, null]));
  for (const { cluster, facts } of answers) {
    const { rows, taken: used } = pages.get(cluster)!;
    if (used >= rows) places[cluster] = (facts['next_cursor'] as string | undefined) ?? null;
    else if (used === 0) places[cluster] = before[cluster] ?? null;
    else {
      const again = {
        ...each.get(cluster)!,
        limit: used,
        ...('max_age_seconds' in tool.input && { max_age_seconds: AS_KNOWN }),
      };
      const { next_cursor: cursor } = await factsOf(members.get(cluster)!, tool.name, again, around);
      places[cluster] = (cursor as string | undefined) ?? null;
    }
  }
  return joinCursors(args, places);
}

/** Combines the progress of several refreshes into one, with requests done and needed added up. */
function sharedProgress({ progress }: RunOptions): (cluster: string) => Pick<RunOptions, 'progress'> {
  if (progress === undefined) return () => ({});
  const latest = new Map<string, Progress>();
  return cluster => ({
    progress: one => {
      latest.set(cluster, one);
      const [done, total] = [...latest.values()].reduce(
        (sum, { done: more, total: all }) => [sum[0] + more, sum[1] + all],
        [0, 0] as [number, number],
      );
      progress({ done, total, message: `${done} of ${total} requests answered` });
    },
  });
}
