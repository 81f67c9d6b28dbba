import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { Log } from '../log.ts';
import { serveCompletions } from './completion-server.ts';
import type { PromptDefinition } from './define-prompt.ts';
import type { ResourceDefinition } from './define-resource.ts';
import { InFlight } from './in-flight.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { servePrompts } from './prompt-server.ts';
import { serveResources } from './resource-server.ts';
import { toolList } from './tool-list.ts';
import { type ToolRunner, unknownTool } from './tool-runner.ts';

export interface ServeOptions {
  runner: ToolRunner;
  resources: readonly ResourceDefinition[];
  prompts?: readonly PromptDefinition[];
  version: string;
  timeZone: string;
  log: Log;
  /** Ends the server as end of input does: what is in flight is answered first. */
  signal: AbortSignal;
}

/**
 * Serves MCP on stdin and stdout until the input ends, the client goes away or `signal` fires.
 * Resolves once every request that arrived has been answered and written.
 */
export async function serveStdio(options: ServeOptions): Promise<void> {
  const server = createMcpServer(options);
  const inFlight = new InFlight();
  const transport = new StdioServerTransport();
  await server.connect(inFlight.watch(transport));
  await ended(transport, options.signal);
  await inFlight.settled();
  await flushed(process.stdout);
  await server.close();
}

/** The server without a transport: whoever has one connects it. */
export function createMcpServer({
  runner,
  resources,
  prompts = [],
  version,
  timeZone,
  log,
}: Omit<ServeOptions, 'signal'>): Server {
  const server = new Server(
    { name: 'proxmox-mpc', title: 'Proxmox MPC', version },
    {
      capabilities: {
        tools: {},
        resources: { subscribe: true, listChanged: true },
        prompts: {},
        completions: {},
      },
      instructions: INSTRUCTIONS,
    },
  );
  const names = new Set(runner.tools.map(tool => tool.name));
  const tools = toolList(runner.tools);
  server.onerror = error => log.warn('protocol error', { error: error.message.slice(0, 300) });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    if (!names.has(params.name)) {
      const { message, hint } = unknownTool(params.name, names);
      throw new McpError(ErrorCode.InvalidParams, `${message} ${hint ?? ''}`.trim());
    }
    const progress = progressSender(extra);
    return runner.run(params.name, params.arguments, {
      signal: extra.signal,
      client: server.getClientVersion()?.name ?? '',
      ...(progress && { progress }),
    });
  });
  serveResources(server, { definitions: resources, runner, timeZone, log });
  servePrompts(server, prompts);
  serveCompletions(server, { resources, prompts, runner, log });
  return server;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Sends progress notifications where the client asked for them; how much there is to read is not known beforehand. */
function progressSender({ _meta, sendNotification, signal }: Extra): ((message: string) => void) | undefined {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  return message => {
    progress += 1;
    if (signal.aborted) return;
    sendNotification({
      method: 'notifications/progress',
      params: { progressToken, progress, message },
    }).catch(() => {});
  };
}

/** Resolves when nobody will ask any more. */
function ended(transport: StdioServerTransport, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => resolve();
    process.stdin.once('end', end).once('close', end).once('error', end);
    // A client that went away leaves a broken pipe: there is nobody left to answer.
    process.stdout.once('error', end).once('close', end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const { onclose } = transport;
    transport.onclose = () => {
      onclose?.();
      end();
    };
  });
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}
