import type * as z from 'zod';
import type { Log } from '../../log.ts';
import type { RunEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { Freshness } from '../../model/freshness.ts';
import type { StoreReader } from '../../model/store.ts';
import type { ReadUsage } from '../../model/usage.ts';
import type { ApplyingHere } from './applying.ts';
import type { Declaring } from './declaring.ts';

/** What a handler works with. Everything it reads is committed; what it needs has been refreshed before. */
export interface ToolContext {
  store: StoreReader;
  /** What the answer rests on: the facets the tool needs. */
  freshness: Freshness;
  /** The present (ms). */
  now: number;
  /** IANA zone in which times are read and shown. */
  timeZone: string;
  log: Log;
  /** Runs a discovery now and waits for it. */
  discover: (options: { deep: boolean }) => Promise<RunEntity>;
  /** Who asks: the client's own name and the user it runs for. What is kept for one client is never shown to another. */
  client: string;
  /**
   * Makes sure these guests' configurations (`vm/101`) are as young as the call asks; a failure makes the answer stale,
   * not an error.
   */
  refreshGuests: (keys: string[]) => Promise<void>;
  /** A task's log, read from its node now. Absent where nothing can be read live. */
  readTaskLog?: ReadTaskLog;
  /** What resources used, read now or kept. Absent where nothing can be read live. */
  readUsage?: ReadUsage;
  /** Where declarations and plans are kept. */
  declaring: Declaring;
  /** Carrying out plans. Absent where nothing is ever written. */
  applying?: ApplyingHere;
  /** Keeps a small value for this client. */
  saveNote: (key: string, value: string) => Promise<void>;
}

/** A task's log: how many lines it has, and those that were read, all of them or the last ones. Numbers count from 1. */
export interface TaskLog {
  total: number;
  lines: { number: number; text: string }[];
}

/** Reads a task's log from its node. @throws where the node does not answer or has no such task. */
export type ReadTaskLog = (node: string, upid: string) => Promise<TaskLog>;

/** One tool: all a host shows, and what answers it. */
export interface ToolDefinition<
  Input extends z.ZodRawShape = z.ZodRawShape,
  Output extends z.ZodRawShape = z.ZodRawShape,
> {
  name: string;
  title: string;
  /** For the model: when to use it, when another serves better, one example. */
  description: string;
  /** It is a command of the program, and what resources are read with; hosts are not shown it. */
  unlisted?: true;
  /** The page (`ui://...`) that draws its answers, for hosts that draw pages. */
  app?: string;
  /**
   * Pages alone call it, for what their answers lack; no model sees it, and hosts that draw no pages do not see it listed.
   * Its answers may be large.
   */
  forApps?: true;
  /** Flat and described; every field optional or a plain value. */
  input: Input;
  /** Shallow: the names of what an answer holds. */
  output: Output;
  /** `readOnlyHint` is true for all but what writes to the store on purpose. */
  annotations: {
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
  /** The facets refreshed before the handler runs. */
  needs: readonly Facet[] | ((input: z.output<z.ZodObject<Input>>) => readonly Facet[]);
  /** Whether it reads all it needs anew, however young that is; never where left out. */
  fresh?: (input: z.output<z.ZodObject<Input>>) => boolean;
  /** An example call for help texts and documentation. */
  example: { [argument: string]: unknown };
  /** Answers with the tool's own facts; what they rest on is added by the server. @throws UsageError for what it cannot use. */
  handler: (
    input: z.output<z.ZodObject<Input>>,
    context: ToolContext,
  ) => Promise<z.input<z.ZodObject<Output>>>;
}

/** Declares a tool; the types of its handler follow from its schemas. */
export function defineTool<Input extends z.ZodRawShape, Output extends z.ZodRawShape>(
  definition: ToolDefinition<Input, Output>,
): ToolDefinition {
  return definition as unknown as ToolDefinition;
}

/** Annotations of a tool that only reads. Closed-world: it is about one cluster, not the internet. */
export const READ_ONLY = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;
