import { once } from 'node:events';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  ErrorCode,
  McpError,
  type Result,
  type ServerNotification,
  type ServerResult,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { MODERN_VERSION, SUBSCRIPTION } from './era.ts';
import { type Extra, onRequest } from './on-request.ts';
import type { ResourceList } from './resource-list.ts';
import type { FoundResource } from './resource-uris.ts';
import { SUBSCRIPTIONS_AT_MOST, type Subscriptions } from './subscriptions.ts';

const DiscoverSchema = z.object({ method: z.literal('server/discover') });
const ListenSchema = z.object({
  method: z.literal('subscriptions/listen'),
  params: z.looseObject({
    notifications: z.looseObject({
      resourcesListChanged: z.boolean().optional(),
      resourceSubscriptions: z.array(z.string()).max(SUBSCRIPTIONS_AT_MOST).optional(),
    }),
  }),
});

/** Answers `server/discover` of revision 2026-07-28, which replaces `initialize`. */
export function serveDiscover(server: Server, capabilities: object, instructions: string): void {
  const discovered: Result = { supportedVersions: [MODERN_VERSION], capabilities, instructions };
  onRequest(server, DiscoverSchema, () => discovered as ServerResult);
}

/** What listening works with. */
export interface ListenOptions {
  subscriptions: Subscriptions;
  list: ResourceList;
  find: (uri: string) => FoundResource | null;
  /** Ends every listener with its result: no notifications follow. */
  ending: AbortSignal | undefined;
}

/**
 * Answers `subscriptions/listen` of revision 2026-07-28: acknowledges what will be notified, notifies, and answers when this
 * server ends. Only resources can be listened to: tools and prompts do not change while the process lives.
 */
export function serveListen(server: Server, { subscriptions, list, find, ending }: ListenOptions): void {
  onRequest(server, ListenSchema, async ({ params: { notifications } }, extra) => {
    const { resourcesListChanged, resourceSubscriptions } = notifications;
    const wanted = new Map(
      (resourceSubscriptions ?? []).flatMap(uri => {
        const found = find(uri);
        return found === null ? [] : [[uri, found] as const];
      }),
    );
    if (subscriptions.count + wanted.size > SUBSCRIPTIONS_AT_MOST)
      throw new McpError(
        ErrorCode.InvalidParams,
        `At most ${SUBSCRIPTIONS_AT_MOST} resources are watched at once: cancel a listener first, or watch proxmox://changes/latest.`,
      );
    await subscriptions.open();
    if (resourcesListChanged) await list.watch();
    const tell = teller(extra);
    await tell('notifications/subscriptions/acknowledged', {
      notifications: {
        ...(resourcesListChanged && { resourcesListChanged }),
        ...(resourceSubscriptions && { resourceSubscriptions: [...wanted.keys()] }),
      },
    });
    const stream = {
      wanted,
      updated: (uri: string) => tell('notifications/resources/updated', { uri }),
      listChanged: resourcesListChanged
        ? () => tell('notifications/resources/list_changed', {})
        : () => Promise.resolve(),
    };
    subscriptions.streams.add(stream);
    try {
      await over(extra.signal, ending);
    } finally {
      subscriptions.streams.delete(stream);
    }
    return { _meta: { [SUBSCRIPTION]: extra.requestId } };
  });
}

function teller({ requestId, sendNotification }: Extra) {
  return (method: string, params: object): Promise<void> =>
    sendNotification({
      method,
      params: { ...params, _meta: { [SUBSCRIPTION]: requestId } },
    } as ServerNotification);
}

async function over(...signals: (AbortSignal | undefined)[]): Promise<void> {
  const any = AbortSignal.any(signals.filter(signal => signal !== undefined));
  if (!any.aborted) await once(any, 'abort');
}
