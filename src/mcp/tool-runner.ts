import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { describeError, MpcError, UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunEntity } from '../model/entity.ts';
import { FACETS, type Facet } from '../model/facet.ts';
import type { Freshness } from '../model/freshness.ts';
import type { Store } from '../model/store.ts';
import { nearest } from '../state/resource-name.ts';
import type { ToolContext, ToolDefinition } from './define-tool.ts';
import { provenanceOf, toolError, toolResult } from './results.ts';

/** What keeps the store young, as far as tools need it. */
export interface Refresher {
  ensure(request: {
    facets: ReadonlySet<Facet>;
    guests: ReadonlySet<string>;
    deep: boolean;
    maxAgeMs: number;
    signal?: AbortSignal | undefined;
  }): Promise<Freshness>;
  discover(request: {
    facets: ReadonlySet<Facet>;
    guests: ReadonlySet<string>;
    deep: boolean;
  }): Promise<RunEntity>;
}

export interface ToolRunnerOptions {
  /** Opened at the first call: nothing of the database is loaded before. */
  open: () => Promise<{ store: Store; discovery: Refresher }>;
  tools: readonly ToolDefinition[];
  /** How old a facet may be where the call does not say (ms). */
  maxAgeMs: number;
  timeZone: string;
  now: () => number;
  log: Log;
}

/** Runs tools by name. A failure is a result like any other, so that a model can read what to do next. */
export interface ToolRunner {
  readonly tools: readonly ToolDefinition[];
  run(name: string, args: unknown, options?: { signal?: AbortSignal }): Promise<CallToolResult>;
  /** The context of a read outside a tool, refreshed alike: for resources. */
  context(
    facets: readonly Facet[],
    options?: { maxAgeMs?: number; signal?: AbortSignal },
  ): Promise<ToolContext>;
}

/** Makes the one runner of this process. */
export function createToolRunner(options: ToolRunnerOptions): ToolRunner {
  const tools = new Map(options.tools.map(tool => [tool.name, tool]));
  const schemas = new Map(options.tools.map(tool => [tool.name, z.strictObject(tool.input)]));

  const context: ToolRunner['context'] = async (facets, { maxAgeMs = options.maxAgeMs, signal } = {}) => {
    const { store, discovery } = await options.open();
    const none: ReadonlySet<string> = new Set();
    const freshness: Freshness =
      facets.length === 0
        ? { asOf: {}, source: 'live', stale: null, unseen: [] }
        : await discovery.ensure({ facets: new Set(facets), guests: none, deep: false, maxAgeMs, signal });
    return {
      store,
      freshness,
      now: options.now(),
      timeZone: options.timeZone,
      log: options.log,
      discover: ({ deep }) => discovery.discover({ facets: new Set(FACETS), guests: none, deep }),
      refreshGuests: async keys => {
        await discovery.ensure({
          facets: new Set(['config']),
          guests: new Set(keys),
          deep: false,
          maxAgeMs,
          signal,
        });
      },
      saveNote: (key, value) => store.saveNote(key, value),
    };
  };

  const call = async (name: string, args: unknown, signal?: AbortSignal): Promise<CallToolResult> => {
    const tool = tools.get(name);
    if (tool === undefined) throw unknownTool(name, tools.keys());
    const input = parseArguments(tool, schemas.get(name)!, args ?? {});
    const needs = typeof tool.needs === 'function' ? tool.needs(input) : tool.needs;
    const { max_age_seconds: maxAge, detail } = input as { max_age_seconds?: number; detail?: string };
    const ready = await context(needs, {
      ...(maxAge !== undefined && { maxAgeMs: maxAge * 1000 }),
      ...(signal && { signal }),
    });
    const facts = await tool.handler(input, ready);
    return toolResult({ ...facts, ...provenanceOf(ready.freshness, options.timeZone, detail === 'full') });
  };

  return {
    tools: options.tools,
    context,
    run: async (name, args, { signal } = {}) => {
      try {
        return await call(name, args, signal);
      } catch (error) {
        if (signal?.aborted) throw error;
        if (!(error instanceof MpcError))
          options.log.error('tool failed', {
            tool: name,
            error: describeError(error),
            stack: (error as Error)?.stack,
          });
        return toolError(error);
      }
    },
  };
}

/** The refusal of a tool that does not exist, with the closest names. */
export function unknownTool(name: string, known: Iterable<string>): UsageError {
  const names = [...known];
  const near = nearest(name, names);
  return new UsageError(`There is no tool "${name.slice(0, 60)}".`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `The tools are ${names.join(', ')}.`,
  });
}

function parseArguments(
  tool: ToolDefinition,
  schema: z.ZodObject,
  args: unknown,
): { [argument: string]: unknown } {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const known = Object.keys(tool.input);
  const faults = parsed.error.issues.slice(0, 5).map(issue => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map(key => `no argument "${key.slice(0, 60)}"${didYouMean(key, known)}`).join('; ');
    }
    return `${issue.path.join('.') || 'arguments'}: ${issue.message}`;
  });
  throw new UsageError(`${tool.name}: ${faults.join('; ')}.`, {
    hint:
      known.length === 0
        ? `${tool.name} takes no arguments.`
        : `Its arguments are ${known.join(', ')}. Example: ${JSON.stringify(tool.example)}`,
  });
}

function didYouMean(key: string, known: string[]): string {
  const [near] = nearest(key, known, 1);
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}
