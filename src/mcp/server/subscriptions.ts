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

/** Most resources that one client watches at once: more than any screen shows. */
export const SUBSCRIPTIONS_AT_MOST = 1_000;

/** A receiver of notifications: a client of an older revision as a whole, or one listener of the new one. */
export interface Stream {
  readonly wanted: Map<string, FoundResource>;
  updated(uri: string): Promise<void>;
  listChanged(): Promise<void>;
}

/** Notifies the client when a commit changes what it subscribed to. */
export class Subscriptions {
  readonly #find: (uri: string) => FoundResource | null;
  readonly #log: Log;
  /** Opens the store, so that commits are reported: a client that only watches would otherwise wait for ever. */
  readonly open: () => Promise<unknown>;
  readonly streams = new Set<Stream>();

  constructor(
    server: Server,
    {
      find,
      open,
      log,
    }: { find: (uri: string) => FoundResource | null; open: () => Promise<unknown>; log: Log },
  ) {
    this.#find = find;
    this.#log = log;
    this.open = open;
    const wanted = new Map<string, FoundResource>();
    this.streams.add({
      wanted,
      updated: uri => server.sendResourceUpdated({ uri }),
      // A client that did not begin with `initialize` receives only what it listens for.
      listChanged: async () => {
        if (server.getClientVersion() !== undefined) await server.sendResourceListChanged();
      },
    });
    onRequest(server, SubscribeRequestSchema, ({ params: { uri } }) => this.#subscribe(wanted, uri));
    onRequest(server, UnsubscribeRequestSchema, ({ params: { uri } }) => {
      wanted.delete(uri);
      return {};
    });
  }

  /** How many resources are watched. */
  get count(): number {
    return [...this.streams].reduce((sum, { wanted }) => sum + wanted.size, 0);
  }

  /** Sends one update for each watched resource that the event changed. */
  notify(event: DiscoveryEvent): void {
    if (this.count === 0) return;
    const keys = isChange(event) ? event.resources : event.type === 'tasks' ? event.upids.map(taskKey) : [];
    if (keys.length === 0) return;
    for (const stream of this.streams)
      for (const [uri, { definition, variables }] of stream.wanted)
        if (definition.changedBy?.(keys, variables)) this.#sent(stream.updated(uri));
  }

  /** Notifies those who asked for it that resources were added or removed. */
  listChanged(): void {
    for (const stream of this.streams) this.#sent(stream.listChanged());
  }

  #sent(sending: Promise<void>): void {
    sending.catch(error => this.#log.debug('update not sent', { error: String(error) }));
  }

  async #subscribe(wanted: Map<string, FoundResource>, uri: string): Promise<object> {
    const found = this.#find(uri);
    if (found === null)
      throw new McpError(
        ErrorCode.InvalidParams,
        `There is no resource ${uri.slice(0, 200).toWellFormed()}.`,
      );
    if (this.count >= SUBSCRIPTIONS_AT_MOST && !wanted.has(uri))
      throw new McpError(
        ErrorCode.InvalidRequest,
        `There are ${SUBSCRIPTIONS_AT_MOST} subscriptions already: unsubscribe first, or subscribe to proxmox://changes/latest.`,
      );
    await this.open();
    wanted.set(uri, found);
    return {};
  }
}

function taskKey(upid: string): string {
  return `task/${upid}`;
}
