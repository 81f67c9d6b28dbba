import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { describeError, MpcError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { RunEntity } from '../../model/entity.ts';
import type { DiscoveryEvent } from '../../model/event.ts';
import { FACETS, type Facet } from '../../model/facet.ts';
import type { Freshness } from '../../model/freshness.ts';
import { parseGuestKey } from '../../model/resource.ts';
import type { Store } from '../../model/store.ts';
import type { ReadUsage } from '../../model/usage.ts';
import type { Applying, PersonAsked } from '../define/applying.ts';
import type { DeclaredFile } from '../define/declaring.ts';
import { checkCursor, stamped, unstamped } from '../define/stamp.ts';
import type { ReadTaskLog, ToolContext, ToolDefinition } from '../define/tool.ts';
import { forCall } from './applying-call.ts';
import { type Hidden, withoutHidden } from './hidden.ts';
import { type Progress, progressTeller, rising } from './progress.ts';
import { readingOnce } from './reading-once.ts';
import { pageResult, provenanceOf, toolError, toolResult } from './results.ts';
import { argumentReader, unknownTool } from './tool-arguments.ts';

/** What keeps the store fresh, as far as tools need it. */
export interface Freshener {
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
  /** Reports discoveries and their changes from now on. Returns a function that unsubscribes. */
  onEvent(listener: (event: DiscoveryEvent) => void): () => void;
}

/** The opened store as the asker may see it, and what keeps it fresh. */
export interface Opened {
  store: Store;
  discovery: Freshener;
  taskLog?: ReadTaskLog;
  readUsage?: ReadUsage;
  /** What is hidden from the asker; absent if nothing in the store is. */
  hidden?: Hidden;
}

/** The tools, and what they work with. `timeZone` is an IANA name. */
export interface ToolRunnerOptions {
  /** Called by the first call: no database code is loaded before. */
  open: () => Promise<Opened>;
  tools: readonly ToolDefinition[];
  /** How old a facet may be unless the call says otherwise (ms). */
  maxAgeMs: number;
  /** The same for the configuration of a single guest; five minutes by default. */
  configMaxAgeMs?: number;
  timeZone: string;
  /** The file that holds the declaration, if there is one. */
  declaredFile?: DeclaredFile | undefined;
  /** Carries out plans, if there is a token for writing. */
  applying?: Applying | undefined;
  /** The user this process runs for: several people may use one store, with clients of the same name. */
  person?: string;
  now: () => number;
  log: Log;
}

/** The surroundings of one call. */
export interface RunOptions {
  /** The caller gave up: it no longer waits, but work shared with others continues. */
  signal?: AbortSignal;
  /** The client's own name. */
  client?: string;
  /** A person who can be asked, past the caller. */
  person?: PersonAsked;
  /** Called with the error behind a failed call's result. */
  failed?: (error: unknown) => void;
  /** Receives the progress of the discovery the call waits for. */
  progress?: (progress: Progress) => void;
}

/** How a context is made. */
interface ContextOptions extends RunOptions {
  maxAgeMs?: number;
  /** What uses it changes things, so that it must read again what it has read. */
  changes?: boolean;
}

/** Runs tools by name. A failure is a result like any other, so that a model can read what to do next. */
export interface ToolRunner {
  readonly tools: readonly ToolDefinition[];
  run(name: string, args: unknown, options?: RunOptions): Promise<CallToolResult>;
  /** The context of a read outside a tool, refreshed likewise: for resources. */
  context(facets: readonly Facet[], options?: ContextOptions): Promise<ToolContext>;
  /** Reports discoveries and their changes, once the store is open. Returns a function that unsubscribes. */
  onEvent(listener: (event: DiscoveryEvent) => void): () => void;
}

/** How much of a client's name is kept (characters). */
const CLIENT_AT_MOST = 100;
const CONFIG_MAX_AGE_MS = 300_000;
/** The facets that a refresh of named guests brings up to date. */
const OF_NAMED_GUESTS: ReadonlySet<Facet | undefined> = new Set(['inventory', 'config', undefined] as const);

/** Makes the one runner of this process. Its `run` throws only where the caller gave up: every other failure is a result. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a factory: what it makes shares its state, and none of its functions is long
export function createToolRunner(options: ToolRunnerOptions): ToolRunner {
  const tools = new Map(options.tools.map(tool => [tool.name, tool]));
  const readArguments = argumentReader(options.tools);
  const listeners = new Set<(event: DiscoveryEvent) => void>();
  const subscribed = new WeakSet<Freshener>();

  /** The store and what keeps it fresh; its first opener also subscribes to its events. */
  const open: ToolRunnerOptions['open'] = async () => {
    const opened = await options.open();
    if (!subscribed.has(opened.discovery)) {
      subscribed.add(opened.discovery);
      opened.discovery.onEvent(event => {
        for (const listener of listeners) listener(event);
      });
    }
    return opened;
  };
  const onEvent: ToolRunner['onEvent'] = listener => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  const context: ToolRunner['context'] = async (facets, around = {}) => {
    const { maxAgeMs, signal, client = '' } = around;
    const { store: whole, discovery, taskLog, readUsage, hidden } = await open();
    const { store, forget } = around.changes ? { store: whole, forget: () => {} } : readingOnce(whole);
    const refresh = (wanted: readonly Facet[], guests: string[], maxAge: number) =>
      discovery.ensure({
        facets: new Set(wanted),
        guests: new Set(guests),
        deep: false,
        maxAgeMs: maxAge,
        signal,
      });
    const freshness: Freshness =
      facets.length === 0
        ? withoutHidden({ asOf: {}, source: 'live', stale: null, unseen: [] }, hidden)
        : withoutHidden(await refresh(facets, [], maxAgeMs ?? options.maxAgeMs), hidden);
    const asker = [nameOf(client), ...(options.person ? [options.person] : [])].join(' of ');
    return {
      store,
      freshness,
      now: options.now(),
      timeZone: options.timeZone,
      log: options.log,
      client: asker,
      ...(options.applying && { applying: forCall(options.applying, asker, around) }),
      ...(taskLog && { readTaskLog: taskLog }),
      ...(readUsage && { readUsage }),
      discover: async ({ deep }) => {
        const all = { facets: new Set(FACETS), guests: new Set<string>(), deep };
        const run = await unlessAborted(discovery.discover(all), signal);
        forget();
        // Read back through the store, so that it names nothing hidden.
        return hidden === undefined ? run : ((await store.runs([run.id]))[0] ?? run);
      },
      refreshGuests: async keys => {
        const maxAge = maxAgeMs ?? options.configMaxAgeMs ?? CONFIG_MAX_AGE_MS;
        const due = await configsOlderThan(store, keys, options.now() - maxAge);
        // If nothing answered just now, asking again would only take time.
        if (due.length === 0 || freshness.stale !== null) return;
        const { source, stale, unseen } = withoutHidden(await refresh([], due, maxAge), hidden);
        forget();
        const others = freshness.unseen.filter(one => !OF_NAMED_GUESTS.has(one.facet));
        Object.assign(freshness, { source, stale, unseen: [...unseen, ...others] });
      },
      declaring: {
        file: options.declaredFile ?? null,
        addRevision: (after, revision) => whole.addRevision(after, revision),
        savePlan: plan => whole.savePlan(plan),
      },
      saveNote: async (key, value) => {
        await whole.saveNote(key, value);
        forget();
      },
    };
  };

  const call = async (name: string, args: unknown, around: RunOptions): Promise<CallToolResult> => {
    const tool = tools.get(name);
    if (tool === undefined) throw unknownTool(name, named(options.tools));
    const { place, args: bare } = unstamped(args ?? {});
    const input = readArguments(tool, bare);
    const needs = typeof tool.needs === 'function' ? tool.needs(input) : tool.needs;
    const { max_age_seconds: maxAge, detail } = input as { max_age_seconds?: number; detail?: string };
    const ready = await context(needs, {
      ...around,
      changes: !tool.annotations.readOnlyHint,
      ...(tool.fresh?.(input) && { maxAgeMs: 0 }),
      ...(maxAge !== undefined && { maxAgeMs: maxAge * 1000 }),
    });
    if (input['cursor'] !== undefined) await checkCursor(ready, place);
    const facts = await tool.handler(input, ready);
    return (tool.forApps ? pageResult : toolResult)({
      ...(await stamped(facts, ready)),
      ...provenanceOf(ready.freshness, options.timeZone, detail === 'full'),
    });
  };

  return {
    tools: options.tools,
    context,
    onEvent,
    run: async (name, args, around = {}) => {
      const { signal } = around;
      const progress = around.progress && rising(around.progress);
      const silence = progress && onEvent(progressTeller(progress));
      try {
        return await call(name, args, { ...around, ...(progress && { progress }) });
      } catch (error) {
        if (signal?.aborted) throw error;
        around.failed?.(error);
        if (!(error instanceof MpcError))
          options.log.error('tool failed', {
            tool: name,
            error: describeError(error),
            stack: (error as Error)?.stack,
          });
        return toolError(error);
      } finally {
        silence?.();
      }
    },
  };
}

/** The tools to name in reply to a call of an unknown one. */
function named(tools: readonly ToolDefinition[]): string[] {
  return tools.filter(({ forApps }) => forApps !== true).map(({ name }) => name);
}

/** A client may call itself anything, and its name is kept in the store. */
function nameOf(client: string): string {
  return client.replaceAll('\0', '').slice(0, CLIENT_AT_MOST).toWellFormed();
}

/** Those of these guests that exist and whose configuration was last read at or before this moment (ms), or never. */
async function configsOlderThan(store: Store, keys: string[], before: number): Promise<string[]> {
  const due = await Promise.all(
    keys.map(async key => {
      const { type, id } = parseGuestKey(key);
      const guest = await store.guest(type, id);
      return guest !== null && (guest.configSeen ?? 0) <= before ? [key] : [];
    }),
  );
  return due.flat();
}

/** The same promise, rejected when the caller gives up. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    work.catch(() => {});
  }
}
