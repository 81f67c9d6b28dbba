import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describeError, MpcError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { isChange } from '../../model/event.ts';
import { oneLine } from '../../text/clean.ts';
import { quoted } from '../../text/cluster-text.ts';
import type { AppDefinition } from '../define/app.ts';
import type { ResourceDefinition } from '../define/resource.ts';
import { errorText, provenanceOf, shownFacts } from '../runner/results.ts';
import type { ToolRunner } from '../runner/tool-runner.ts';
import { listedApp, readApp, rendersApps } from './apps.ts';
import { RESOURCE_NOT_FOUND } from './era.ts';
import { serveListen } from './listen.ts';
import { onRequest } from './on-request.ts';
import { describe, ResourceList } from './resource-list.ts';
import { isTemplate, resourceFinder } from './resource-uris.ts';
import { Subscriptions } from './subscriptions.ts';

/** The resources served, and what they are read with. `timeZone` is an IANA name. */
export interface ResourceServerOptions {
  definitions: readonly ResourceDefinition[];
  apps: readonly AppDefinition[];
  runner: ToolRunner;
  timeZone: string;
  log: Log;
  /** Ends all listeners. */
  ending: AbortSignal | undefined;
}

/** Answers all requests about resources from the definitions, and notifies the client of changes to what it watches. */
export function serveResources(
  server: Server,
  { definitions, apps, runner, timeZone, log, ending }: ResourceServerOptions,
): void {
  const find = resourceFinder(definitions);
  const list = new ResourceList(definitions, runner, log);
  const subscriptions = new Subscriptions(server, { find, open: () => runner.context([]), log });
  serveListen(server, { subscriptions, list, find, ending });

  onRequest(server, ListResourcesRequestSchema, async ({ params }, { _meta }) => {
    const page = await list.page(params?.cursor);
    if (params?.cursor !== undefined || !rendersApps(server, _meta)) return page;
    return { ...page, resources: [...apps.map(listedApp), ...page.resources] };
  });
  onRequest(server, ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: definitions
      .filter(isTemplate)
      .map(({ uri, ...definition }) => ({ uriTemplate: uri, ...describe(definition) })),
  }));

  onRequest(server, ReadResourceRequestSchema, async ({ params: { uri } }, { signal }) => {
    const app = apps.find(one => one.uri === uri);
    if (app !== undefined) return readApp(app);
    const found = find(uri);
    if (found === null)
      throw new McpError(
        RESOURCE_NOT_FOUND,
        `There is no resource ${quoted(uri, 200)}. resources/templates/list names what there is.`,
        { uri },
      );
    try {
      const context = await runner.context(found.definition.needs, { signal });
      const facts = await found.definition.read(found.variables, context);
      const { text } = shownFacts({ ...facts, ...provenanceOf(context.freshness, timeZone, false) });
      return { contents: [{ uri, mimeType: 'application/json', text }] };
    } catch (error) {
      throw asMcpError(error, uri);
    }
  });

  runner.onEvent(event => {
    subscriptions.notify(event);
    if (!isChange(event)) return;
    list
      .changed()
      .then(changed => (changed ? subscriptions.listChanged() : undefined))
      .catch(error => log.debug('list change not sent', { error: describeError(error) }));
  });
}

function asMcpError(error: unknown, uri: string): McpError {
  const message = errorText(error);
  if (!(error instanceof MpcError)) return new McpError(ErrorCode.InternalError, message);
  const text = error.hint === undefined ? message : `${message} ${oneLine(error.hint)}`;
  return error.code === 'usage'
    ? new McpError(RESOURCE_NOT_FOUND, text, { uri })
    : new McpError(ErrorCode.InternalError, text);
}
