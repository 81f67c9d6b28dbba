import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  type Implementation,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type Result,
} from '@modelcontextprotocol/sdk/types.js';
import { quoted } from '../../text/cluster-text.ts';
import { prepared, preparedText } from '../runner/prepared.ts';
import { intercept } from './intercept.ts';

/*
 * Revision 2026-07-28 beside the older ones. A request with a protocol version in `_meta` belongs to it: it is checked here,
 * answered by the same handlers, and its answer gets the fields of that revision. Everything else passes unchanged.
 * Source: schema/2026-07-28/schema.ts of the specification, and its pages on versioning, caching and subscriptions.
 */

/** The revision whose requests carry their version and capabilities themselves. */
export const MODERN_VERSION = '2026-07-28';
/** The error for a missing resource in older revisions; since 2026-07-28 it is an invalid parameter (-32602). */
export const RESOURCE_NOT_FOUND = -32002;

const PREFIX = 'io.modelcontextprotocol/';
const VERSION = `${PREFIX}protocolVersion`;
const CAPABILITIES = `${PREFIX}clientCapabilities`;
const CLIENT = `${PREFIX}clientInfo`;
const SERVER = `${PREFIX}serverInfo`;
/** The key in `_meta` of everything sent to a listener: the id of its request. */
export const SUBSCRIPTION = `${PREFIX}subscriptionId`;

const UNSUPPORTED_VERSION = -32022;
/** Methods of older revisions only. */
const LEGACY_METHODS: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);
/** Methods of the new revision only. */
const MODERN_METHODS: ReadonlySet<string> = new Set(['server/discover', 'subscriptions/listen']);

const HOUR_MS = 3_600_000;
/** How long an answer may be kept (ms): what is offered does not change while the process lives, the cluster's state does. */
const CACHED_MS: ReadonlyMap<string, number> = new Map([
  ['server/discover', HOUR_MS],
  ['tools/list', HOUR_MS],
  ['prompts/list', HOUR_MS],
  ['resources/templates/list', HOUR_MS],
  ['resources/list', 0],
  ['resources/read', 0],
]);

interface Fault {
  code: number;
  message: string;
  data?: unknown;
}
type Meta = { [key: string]: unknown };

/** The client that a request of revision 2026-07-28 names; undefined if it names none or is of another revision. */
export function clientOf(meta: object | undefined): string | undefined {
  const client = (meta as Meta | undefined)?.[CLIENT] as Partial<Implementation> | undefined;
  return typeof client?.name === 'string' ? client.name : undefined;
}

/** The client's capabilities in a request of revision 2026-07-28; undefined for a request of an older one. */
export function capabilitiesOf(meta: object | undefined): object | undefined {
  const said = (meta as Meta | undefined)?.[CAPABILITIES];
  return typeof said === 'object' && said !== null ? said : undefined;
}

/** The same transport, serving clients of revision 2026-07-28 as well as older ones. */
export function serveBothEras(transport: Transport, server: Implementation): Transport {
  const modern = new Map<string | number, string>();
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if (!('id' in message) || 'method' in message || message.id === undefined) return send(message, options);
    const method = modern.get(message.id);
    if (method === undefined) return send(message, options);
    modern.delete(message.id);
    return send(modernAnswer(message, method, server), options);
  };
  intercept(transport, next => (message, extra) => {
    // A cancelled request gets no answer.
    if ('method' in message && message.method === 'notifications/cancelled')
      modern.delete((message.params?.['requestId'] as string | number | undefined) ?? '');
    if (!isModernRequest(message)) return next(message, extra);
    const error = faultOf(message);
    if (error !== null) return void send({ jsonrpc: '2.0', id: message.id, error }).catch(() => {});
    modern.set(message.id, message.method);
    next(message, extra);
  });
  return transport;
}

function isModernRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  if (!('method' in message && 'id' in message)) return false;
  const meta: Meta | undefined = message.params?._meta;
  const claims = [VERSION, CAPABILITIES, CLIENT].some(key => meta?.[key] !== undefined);
  return claims || MODERN_METHODS.has(message.method);
}

/** What is wrong with a request before its method is looked at; null if nothing is. */
function faultOf({ method, params }: JSONRPCRequest): Fault | null {
  const meta: Meta = params?._meta ?? {};
  const missing = (key: string, what: string): Fault => ({
    code: ErrorCode.InvalidParams,
    message: `${method}: params._meta["${key}"] must be ${what} in each request since ${MODERN_VERSION}.`,
  });
  const version = meta[VERSION];
  if (typeof version !== 'string') return missing(VERSION, 'the protocol version');
  if (version !== MODERN_VERSION)
    return {
      code: UNSUPPORTED_VERSION,
      message: `This server does not speak ${quoted(version, 40)} by request; older clients begin with initialize.`,
      data: { supported: [MODERN_VERSION], requested: version },
    };
  const capabilities = meta[CAPABILITIES];
  if (typeof capabilities !== 'object' || capabilities === null || Array.isArray(capabilities))
    return missing(CAPABILITIES, "the client's capabilities");
  if (LEGACY_METHODS.has(method))
    return { code: ErrorCode.MethodNotFound, message: `${MODERN_VERSION} has no ${method}.` };
  return null;
}

function modernAnswer(message: JSONRPCMessage, method: string, server: Implementation): JSONRPCMessage {
  if ('error' in message)
    return message.error.code === RESOURCE_NOT_FOUND
      ? { ...message, error: { ...message.error, code: ErrorCode.InvalidParams } }
      : message;
  if (!('result' in message)) return message;
  const kept = CACHED_MS.get(method);
  const { _meta, ...rest } = message.result;
  // A question has no content, which the SDK adds to every answer of a tool.
  if (rest['resultType'] === 'input_required') {
    const { content: _, ...question } = rest;
    return { ...message, result: { ...question, _meta: { ..._meta, [SERVER]: server } } };
  }
  const added = {
    resultType: 'complete',
    ...(kept !== undefined && { ttlMs: kept, cacheScope: 'private' }),
    _meta: { ..._meta, [SERVER]: server },
  };
  return { ...message, result: extended(message.result, rest, added) };
}

/** A result with fields added; if its JSON was made in advance, it is extended, too. */
function extended(given: Result, rest: object, added: object): Result {
  const text = preparedText(given);
  const whole = { ...rest, ...added };
  if (text === undefined || given._meta !== undefined) return whole;
  return prepared(whole, `${text.slice(0, -1)},${JSON.stringify(added).slice(1)}`);
}
