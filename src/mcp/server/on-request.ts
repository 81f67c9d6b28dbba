import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  ErrorCode,
  McpError,
  type ServerNotification,
  type ServerRequest,
  type ServerResult,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';

type RequestSchema = z.ZodType & { shape: { method: z.ZodLiteral<string> } };
/** What the SDK hands to a handler beside the request: the signal of its end, ways to notify. */
export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/**
 * Answers a method. What does not fit its schema is the probe's fault (-32602) and said in plain words: the SDK would
 * call it ours (-32603, as JSON-RPC 2.0 numbers them).
 */
export function onRequest<S extends RequestSchema>(
  server: Server,
  schema: S,
  answer: (request: z.output<S>, extra: Extra) => ServerResult | Promise<ServerResult>,
): void {
  const any = z.looseObject({ method: schema.shape.method });
  server.setRequestHandler(any, (request, extra) => {
    const parsed = schema.safeParse(request);
    if (parsed.success) return answer(parsed.data, extra);
    const faults = parsed.error.issues
      .slice(0, 3)
      .map(issue => `${issue.path.join('.') || 'request'}: ${issue.message}`);
    throw new McpError(ErrorCode.InvalidParams, `${request.method}: ${faults.join('; ')}`);
  });
}
