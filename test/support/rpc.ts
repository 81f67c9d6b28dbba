import type { Answer } from './answer.ts';

/** What a server answers a client's request with, whatever the method: each member is there only where that method has it. */
export interface Result<Tool extends string = string> {
  // tools/call
  isError: boolean;
  structuredContent: Answer<Tool>;
  content: { type: string; text: string }[];
  // resources/read
  contents: { uri: string; text: string }[];
  // what lists
  tools: { name: string; inputSchema: { properties: { [argument: string]: { description: string } } } }[];
  resources: { uri: string }[];
  resourceTemplates: { uriTemplate: string }[];
  prompts: { name: string }[];
  // initialize
  protocolVersion: string;
  serverInfo: { name: string };
  capabilities: object;
  instructions: string;
  // of revision 2026-07-28
  resultType: string;
  requestState: string;
  ttlMs: number;
  cacheScope: string;
  _meta: { [key: string]: unknown };
}

/** One line that a server writes: an answer, a failure, or a notification, each with its members alone. */
export interface Message<Tool extends string = string> {
  jsonrpc: string;
  id: number | string;
  method: string;
  params: { [name: string]: unknown };
  result: Result<Tool>;
  error: { code: number; message: string; data: unknown };
}

/** Messages as they were written, one a line; each line is ended. */
export function messagesIn(lines: string): Message[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Message);
}

/** The facts of a tool's answer where they are a text: what --json prints, and what a resource holds of the same. */
export function answerIn<Tool extends string>(_tool: Tool, text: string): Answer<Tool> {
  return JSON.parse(text) as Answer<Tool>;
}

/** The facts of an answer to a call of that tool. */
export function toldBy<Tool extends string>(_tool: Tool, message: Message | undefined): Answer<Tool> {
  return message!.result.structuredContent as Answer<Tool>;
}

/** A client of the official SDK, as far as tests call tools through it. */
interface Caller {
  callTool(request: { name: string; arguments: { [name: string]: unknown } }): Promise<unknown>;
}

/** A tool called by a client, read by the names that the tool answers with. */
export async function callTool<Tool extends string>(
  client: Caller,
  name: Tool,
  args: object = {},
): Promise<Result<Tool>> {
  return (await client.callTool({ name, arguments: { ...args } })) as Result<Tool>;
}
