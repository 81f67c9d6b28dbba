import type * as z from 'zod';
import type { Log } from '../../log.ts';
import type { RunEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { Freshness } from '../../model/freshness.ts';
import type { StoreReader } from '../../model/store.ts';
import type { ReadUsage } from '../../model/usage.ts';
import type { ApplyingHere } from './applying.ts';
import type { Declaring } from './declaring.ts';

/** What a handler works with. Everything it reads is committed; the facets it needs were refreshed before. */
export interface ToolContext {
  store: StoreReader;
  /** What the answer is based on: the facets the tool needs. */
  freshness: Freshness;
  /** The present (ms). */
  now: number;
  /** IANA zone for reading and showing times. */
  timeZone: string;
  log: Log;
  /** Runs a discovery now and waits for it. */
  discover: (options: { deep: boolean }) => Promise<RunEntity>;
  /** Who asks: the client's name and the user it runs for. What is kept for one client is never shown to another. */
  client: string;
  /**
   * Makes sure that these guests' configurations (`vm/101`) are as recent as the call asks; a failure marks the answer as stale
   * instead of being an error.
   */
  refreshGuests: (keys: string[]) => Promise<void>;
  /** Reads a task's log from its node. Absent if nothing can be read live. */
  readTaskLog?: ReadTaskLog;
  /** Reads what resources used, live or as recorded. Absent if nothing can be read live. */
  readUsage?: ReadUsage;
  /** Where declarations and plans are kept. */
  declaring: Declaring;
  /** Carries out plans. Absent if nothing is ever written. */
  applying?: ApplyingHere;
  /** Keeps a small value for this client. */
  saveNote: (key: string, value: string) => Promise<void>;
}

/** A task's log: how many lines it has, and the lines that were read, all or the last ones. Line numbers start at 1. */
export interface TaskLog {
  total: number;
  lines: { number: number; text: string }[];
}

/** Reads a task's log from its node. @throws if the node does not answer or has no such task. */
export type ReadTaskLog = (node: string, upid: string) => Promise<TaskLog>;

/** One tool: everything a host shows, and the handler that answers. */
export interface ToolDefinition<
  Input extends z.ZodRawShape = z.ZodRawShape,
  Output extends z.ZodRawShape = z.ZodRawShape,
> {
  name: string;
  title: string;
  /** For the model: when to use it, when another tool is better, one example. */
  description: string;
  /** It is a command of the program and used by resources, but hosts are not shown it. */
  unlisted?: true;
  /** The page (`ui://...`) that draws its answers, for hosts that draw pages. */
  app?: string;
  /**
   * Only pages call it, for what their answers lack. No model sees it, and it is listed only for hosts that draw pages. Its
   * answers may be large.
   */
  forApps?: true;
  /** Flat and described; every field optional or a plain value. */
  input: Input;
  /** Shallow: the names of the fields in an answer. */
  output: Output;
  /** `readOnlyHint` is true for all tools but those that write to the store on purpose. */
  annotations: {
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
  /** The facets refreshed before the handler runs. */
  needs: readonly Facet[] | ((input: z.output<z.ZodObject<Input>>) => readonly Facet[]);
  /** Whether it reads everything it needs again, however recent that is; never, if left out. */
  fresh?: (input: z.output<z.ZodObject<Input>>) => boolean;
  /** An example call for help texts and documentation. */
  example: { [argument: string]: unknown };
  /**
   * Answers with the tool's own facts; the server adds what they are based on. @throws UsageError for arguments it cannot use.
   */
  handler: (
    input: z.output<z.ZodObject<Input>>,
    context: ToolContext,
  ) => Promise<z.input<z.ZodObject<Output>>>;
}

/** Declares a tool; its handler's types follow from its schemas. */
export function defineTool<Input extends z.ZodRawShape, Output extends z.ZodRawShape>(
  definition: ToolDefinition<Input, Output>,
): ToolDefinition {
  return definition as unknown as ToolDefinition;
}

/** Annotations of a tool that only reads. Closed-world, since it is about one cluster, not the internet. */
export const READ_ONLY = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;
