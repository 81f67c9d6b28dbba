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
/** What the SDK passes to a handler with the request: the signal of its end, and ways to notify. */
export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/**
 * Answers a method. A request that does not fit its schema is the client's fault (-32602) and described in plain words; the SDK
 * would report an internal error (-32603).
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
