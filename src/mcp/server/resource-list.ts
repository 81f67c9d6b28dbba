import type { Resource } from '@modelcontextprotocol/sdk/types.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { describeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { ListedResource, ResourceDefinition } from '../define/resource.ts';
import { withoutNulls } from '../runner/results.ts';
import type { ToolRunner } from '../runner/tool-runner.ts';
import { isTemplate } from './resource-uris.ts';

const PAGE = 200;
const MIME_TYPE = 'application/json';

/** resources/list: the fixed resources, then every node, guest and storage in the store, in pages. */
export class ResourceList {
  readonly #definitions: readonly ResourceDefinition[];
  readonly #runner: ToolRunner;
  readonly #log: Log;
  /** The things last listed, as one text; null until a client has asked. */
  #shown: string | null = null;

  constructor(definitions: readonly ResourceDefinition[], runner: ToolRunner, log: Log) {
    this.#definitions = definitions;
    this.#runner = runner;
    this.#log = log;
  }

  /** One page; the cursor says where the next begins. @throws McpError if this server did not issue the cursor. */
  async page(cursor: string | undefined): Promise<{ resources: Resource[]; nextCursor?: string }> {
    const start = cursor === undefined ? 0 : Number(/^\d{1,7}$/.exec(cursor)?.[0] ?? Number.NaN);
    if (Number.isNaN(start)) throw new McpError(ErrorCode.InvalidParams, 'That cursor is not one of ours.');
    const things = await this.#things();
    this.#shown = uris(things);
    const all = [
      ...this.#definitions
        .filter(one => !isTemplate(one))
        .map(({ uri, ...one }) => ({ uri, ...describe(one) })),
      ...things.map(thing => ({ ...(withoutNulls(thing) as ListedResource), mimeType: MIME_TYPE })),
    ];
    const end = start + PAGE;
    return { resources: all.slice(start, end), ...(end < all.length && { nextCursor: String(end) }) };
  }

  /** Notes the present list, so that changes from now on are seen. */
  async watch(): Promise<void> {
    this.#shown ??= uris(await this.#things());
  }

  /** Whether resources were added or removed since a client last asked for the list; each change is reported once. */
  async changed(): Promise<boolean> {
    if (this.#shown === null) return false;
    const now = uris(await this.#things());
    const changed = now !== this.#shown;
    this.#shown = now;
    return changed;
  }

  async #things(): Promise<ListedResource[]> {
    try {
      // Hosts ask when they start: the store's knowledge is enough, and a refresh would keep them waiting.
      const context = await this.#runner.context([]);
      const lists = await Promise.all(this.#definitions.map(one => one.list?.(context) ?? []));
      return lists.flat();
    } catch (error) {
      this.#log.warn('resources not listed', { error: describeError(error) });
      return [];
    }
  }
}

/** The fields of a definition that the protocol shows besides its URI. */
export function describe({
  name,
  title,
  description,
}: Omit<ResourceDefinition, 'uri'>): Omit<Resource, 'uri'> {
  return { name, title, description, mimeType: MIME_TYPE };
}

function uris(things: ListedResource[]): string {
  return things.map(({ uri }) => uri).join('\n');
}
