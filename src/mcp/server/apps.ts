import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { ReadResourceResult, Resource } from '@modelcontextprotocol/sdk/types.js';
import type { AppDefinition } from '../define/app.ts';

/*
 * MCP Apps, revision 2026-01-26 (SEP-1865): https://github.com/modelcontextprotocol/ext-apps, specification/2026-01-26/apps.mdx.
 * Pages are listed only for clients that ask for them.
 */

const EXTENSION = 'io.modelcontextprotocol/ui';
/** The only kind of page so far. */
const MIME_TYPE = 'text/html;profile=mcp-app';
/** Where requests of revision 2026-07-28 carry the client's capabilities. */
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

/** Whether this client draws pages: as the request says, or else as it said when it initialized. */
export function rendersApps(server: Server, meta: object | undefined): boolean {
  const own = (meta as { [key: string]: unknown } | undefined)?.[CAPABILITIES];
  const { extensions } = (own ?? server.getClientCapabilities() ?? {}) as {
    extensions?: { [name: string]: unknown };
  };
  const { mimeTypes } = (extensions?.[EXTENSION] ?? {}) as { mimeTypes?: unknown };
  return Array.isArray(mimeTypes) && mimeTypes.includes(MIME_TYPE);
}

/** A page as resources/list shows it. */
export function listedApp({ uri, name, title, description }: AppDefinition): Resource {
  return { uri, name, title, description, mimeType: MIME_TYPE };
}

/** A page as resources/read shows it: it loads nothing from anywhere. */
export async function readApp({ uri, html }: AppDefinition): Promise<ReadResourceResult> {
  const ui = { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true };
  return { contents: [{ uri, mimeType: MIME_TYPE, text: await html(), _meta: { ui } }] };
}
