import { Readable, type Writable } from 'node:stream';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/sdk/shared/stdio.js';
import {
  type CallToolRequest,
  ErrorCode,
  type Implementation,
  ListToolsRequestSchema,
  McpError,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { Log } from '../../log.ts';
import type { AppDefinition } from '../define/app.ts';
import type { PromptDefinition } from '../define/prompt.ts';
import type { ResourceDefinition } from '../define/resource.ts';
import type { ToolDefinition } from '../define/tool.ts';
import { prepared, writePrepared } from '../runner/prepared.ts';
import { unknownTool } from '../runner/tool-arguments.ts';
import type { RunOptions, ToolRunner } from '../runner/tool-runner.ts';
import { rendersApps } from './apps.ts';
import { serveCompletions } from './completion-server.ts';
import { personBehind } from './elicitation.ts';
import { capabilitiesOf, clientOf, serveBothEras } from './era.ts';
import { InFlight } from './in-flight.ts';
import { INSTRUCTIONS, INSTRUCTIONS_WHERE_WRITING } from './instructions.ts';
import { serveDiscover } from './listen.ts';
import { type Extra, onRequest } from './on-request.ts';
import { servePrompts } from './prompt-server.ts';
import { serveResources } from './resource-server.ts';
import { RoundTrips } from './round-trip.ts';
import { toolList } from './tool-list.ts';
import { wholeLines } from './whole-lines.ts';

/** What a host is offered. `timeZone` is an IANA name. */
export interface ServeOptions {
  runner: ToolRunner;
  resources: readonly ResourceDefinition[];
  prompts?: readonly PromptDefinition[];
  /** Pages for hosts that draw them. */
  apps?: readonly AppDefinition[];
  version: string;
  timeZone: string;
  log: Log;
  /** Ends the server like the end of input: requests in flight are answered first. */
  signal: AbortSignal;
  /** What the client writes to and reads. */
  stdin: Readable;
  stdout: Writable;
}

/**
 * A call as it arrives; null arguments mean none. The SDK checks the rest afterwards: what it cannot read then is the client's
 * fault (-32602), in this schema it would count as an internal error (-32603).
 */
const CallSchema = z.object({
  method: z.literal('tools/call'),
  params: z
    .looseObject({})
    .default({})
    .transform(
      given => ({ ...given, arguments: given['arguments'] ?? undefined }) as CallToolRequest['params'],
    ),
});

const CAPABILITIES = {
  tools: {},
  resources: { subscribe: true, listChanged: true },
  prompts: {},
  completions: {},
};

/** The answer to a message with an id that is no valid request: the SDK would say nothing and leave the sender waiting. */
const NO_REQUEST = { code: ErrorCode.InvalidRequest, message: 'This is not a JSON-RPC 2.0 request.' };

/** The SDK gives up a connection with a longer message (bytes). */
const LINE_MAX = STDIO_DEFAULT_MAX_BUFFER_SIZE;

/**
 * Serves MCP on two streams until the input ends, the client disconnects or `signal` fires.
 * Resolves once every request that arrived has been answered and written.
 */
export async function serveStdio({ stdin, stdout, ...options }: ServeOptions): Promise<void> {
  const ending = new AbortController();
  const server = createMcpServer({ ...options, ending: ending.signal });
  const inFlight = new InFlight();
  const tooLong = () => options.log.warn('a message was too long and passed over', { limit: LINE_MAX });
  const input = Readable.from(wholeLines(stdin, { limit: LINE_MAX, tooLong }));
  const transport = new StdioServerTransport(input, stdout);
  // Every answer that waits for a slow reader listens on stdout: many listeners are no leak.
  stdout.setMaxListeners(0);
  let line = Buffer.alloc(0);
  input.on('data', next => {
    line = next;
  });
  transport.onerror = () => {
    const id = idOf(line);
    if (id !== undefined) transport.send({ jsonrpc: '2.0', id, error: NO_REQUEST }).catch(() => {});
  };
  const both = serveBothEras(writePrepared(transport, stdout), identity(options.version));
  await server.connect(inFlight.watch(both));
  // A client that disconnected leaves a broken pipe, and nobody to answer.
  const gone = new Promise<void>(resolve => {
    stdout.once('error', () => resolve()).once('close', resolve);
  });
  await Promise.race([ended(input, transport, options.signal), gone]);
  ending.abort();
  await Promise.race([inFlight.settled().then(() => flushed(stdout)), gone]);
  await server.close();
}

/** The server without a transport, for callers that connect their own. */
export function createMcpServer({
  runner,
  resources,
  prompts = [],
  apps = [],
  version,
  timeZone,
  log,
  ending,
}: Omit<ServeOptions, 'signal' | 'stdin' | 'stdout'> & { ending?: AbortSignal }): Server {
  const instructions = runner.tools.some(writesVisibly) ? INSTRUCTIONS_WHERE_WRITING : INSTRUCTIONS;
  const server = new Server(identity(version), {
    capabilities: CAPABILITIES,
    instructions,
    // What we ask by elicitation has no fields to validate; the SDK's own validator would take a tenth of our start.
    jsonSchemaValidator: { getValidator: refuseToValidate },
  });
  const plain = new Set(runner.tools.filter(({ forApps }) => forApps !== true).map(tool => tool.name));
  const all = new Set(runner.tools.map(tool => tool.name));
  // Made while the client handles our greeting, which does not wait for it.
  const listed = new Map<boolean, { tools: Tool[] }>();
  const listTools = (meta?: object) => {
    const draws = rendersApps(server, meta);
    const list = listed.get(draws) ?? prepared({ tools: toolList(runner.tools, { apps: draws }) });
    listed.set(draws, list);
    return list;
  };
  server.oninitialized = () => void listTools();
  server.onerror = error => log.warn('protocol error', { error: error.message.slice(0, 300) });
  onRequest(server, ListToolsRequestSchema, (_, { _meta }) => listTools(_meta));
  const trips = new RoundTrips();
  server.setRequestHandler(CallSchema, async ({ params }, extra) => {
    const names = rendersApps(server, extra._meta) ? all : plain;
    if (!names.has(params.name)) {
      const { message, hint } = unknownTool(params.name, plain);
      throw new McpError(ErrorCode.InvalidParams, `${message} ${hint ?? ''}`.trim());
    }
    const progress = progressSender(extra);
    const trip = trips.of(params, extra._meta);
    const until = ending ? AbortSignal.any([extra.signal, ending]) : extra.signal;
    const person = capabilitiesOf(extra._meta) ? trip?.person : personBehind(server, until);
    const result = await runner.run(params.name, params.arguments, {
      signal: extra.signal,
      ...(person && { person }),
      client: clientOf(extra._meta) ?? server.getClientVersion()?.name ?? '',
      ...(progress && { progress }),
    });
    return trip?.question() ?? result;
  });
  serveDiscover(server, CAPABILITIES, instructions);
  serveResources(server, { definitions: resources, apps, runner, timeZone, log, ending });
  servePrompts(server, prompts);
  serveCompletions(server, { resources, prompts, runner, log });
  return server;
}

function identity(version: string): Implementation {
  return { name: 'proxmox-mpc', title: 'Proxmox MPC', version };
}

/** A tool that writes to Proxmox and that hosts are shown. */
function writesVisibly({ annotations, unlisted }: ToolDefinition): boolean {
  return annotations.destructiveHint && unlisted !== true;
}

function refuseToValidate(): never {
  throw new Error('This server has nothing validated.');
}

/** Sends progress notifications if the client asked for them. */
function progressSender({ _meta, sendNotification, signal }: Extra): RunOptions['progress'] {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return ({ done, total, message }) => {
    if (signal.aborted) return;
    sendNotification({
      method: 'notifications/progress',
      params: { progressToken, progress: done, total, message },
    }).catch(() => {});
  };
}

/** The id of the message on a line, if the line is JSON and has one. */
function idOf(line: Buffer): string | number | undefined {
  try {
    const { id } = JSON.parse(line.toString()) as { id?: unknown };
    return typeof id === 'string' || typeof id === 'number' ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Resolves when no further request can arrive. */
function ended(input: Readable, transport: StdioServerTransport, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  input.once('end', end).once('close', end).once('error', end);
  signal.addEventListener('abort', end, { once: true });
  const { onclose } = transport;
  transport.onclose = () => {
    onclose?.();
    resolve();
  };
  if (signal.aborted) resolve();
  return promise;
}

async function flushed(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>(resolve => {
    stream.write('', () => resolve());
  });
}
