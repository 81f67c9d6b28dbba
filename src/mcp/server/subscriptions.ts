import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  ErrorCode,
  McpError,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Log } from '../../log.ts';
import { type DiscoveryEvent, isChange } from '../../model/event.ts';
import { onRequest } from './on-request.ts';
import type { FoundResource } from './resource-uris.ts';

/** Most subscriptions of one client: more than any screen shows. */
const SUBSCRIPTIONS_AT_MOST = 1_000;

/** Tells the client when a commit changes what it subscribed to. */
export class Subscriptions {
  readonly #server: Server;
  readonly #find: (uri: string) => FoundResource | null;
  readonly #open: () => Promise<unknown>;
  readonly #log: Log;
  readonly #wanted = new Map<string, FoundResource>();

  /** `open` makes commits heard: without it a client that only watches would wait for ever. */
  constructor(
    server: Server,
    {
      find,
      open,
      log,
    }: { find: (uri: string) => FoundResource | null; open: () => Promise<unknown>; log: Log },
  ) {
    this.#server = server;
    this.#find = find;
    this.#open = open;
    this.#log = log;
    onRequest(server, SubscribeRequestSchema, ({ params: { uri } }) => this.#subscribe(uri));
    onRequest(server, UnsubscribeRequestSchema, ({ params: { uri } }) => {
      this.#wanted.delete(uri);
      return {};
    });
  }

  /** Sends one update for each subscribed resource that the event tells of. */
  heard(event: DiscoveryEvent): void {
    if (this.#wanted.size === 0) return;
    const keys = isChange(event) ? event.resources : event.type === 'tasks' ? event.upids.map(taskKey) : [];
    if (keys.length === 0) return;
    for (const [uri, { definition, variables }] of this.#wanted) {
      if (!definition.changedBy?.(keys, variables)) continue;
      this.#server
        .sendResourceUpdated({ uri })
        .catch(error => this.#log.debug('update not sent', { error: String(error) }));
    }
  }

  async #subscribe(uri: string): Promise<object> {
    const found = this.#find(uri);
    if (found === null)
      throw new McpError(
        ErrorCode.InvalidParams,
        `There is no resource ${uri.slice(0, 200).toWellFormed()}.`,
      );
    if (this.#wanted.size >= SUBSCRIPTIONS_AT_MOST && !this.#wanted.has(uri))
      throw new McpError(
        ErrorCode.InvalidRequest,
        `There are ${SUBSCRIPTIONS_AT_MOST} subscriptions already: unsubscribe first, or subscribe to proxmox://changes/latest.`,
      );
    await this.#open();
    this.#wanted.set(uri, found);
    return {};
  }
}

function taskKey(upid: string): string {
  return `task/${upid}`;
}
