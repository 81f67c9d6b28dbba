import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js';
import {
  CompleteRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describeError, MpcError } from '../errors.ts';
import type { ResourceDefinition } from './define-resource.ts';
import { provenanceOf, withoutNulls } from './results.ts';
import type { ToolRunner } from './tool-runner.ts';

/** Spec: a resource that does not exist. */
const RESOURCE_NOT_FOUND = -32002;
const COMPLETIONS_AT_MOST = 100;

/** Answers resources/list, resources/templates/list, resources/read and completion/complete from the definitions. */
export function serveResources(
  server: Server,
  definitions: readonly ResourceDefinition[],
  runner: ToolRunner,
  timeZone: string,
): void {
  const isTemplate = (definition: ResourceDefinition) => definition.uri.includes('{');
  const describe = ({ name, title, description }: ResourceDefinition) => ({
    name,
    title,
    description,
    mimeType: 'application/json',
  });
  const fixed = definitions.filter(definition => !isTemplate(definition));
  const templates = definitions
    .filter(isTemplate)
    .map(definition => ({ definition, template: new UriTemplate(definition.uri) }));

  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: fixed.map(definition => ({ uri: definition.uri, ...describe(definition) })),
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: templates.map(({ definition }) => ({
      uriTemplate: definition.uri,
      ...describe(definition),
    })),
  }));

  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }, { signal }) => {
    const found = find(uri, fixed, templates);
    if (found === null)
      throw new McpError(
        RESOURCE_NOT_FOUND,
        `There is no resource ${uri.slice(0, 200)}. resources/templates/list names what there is.`,
      );
    try {
      const context = await runner.context(found.definition.needs, { signal });
      const facts = await found.definition.read(found.variables, context);
      const body = { ...facts, ...provenanceOf(context.freshness, timeZone, false) };
      return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(withoutNulls(body)) }] };
    } catch (error) {
      if (error instanceof MpcError) {
        const text = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
        throw new McpError(error.code === 'usage' ? RESOURCE_NOT_FOUND : ErrorCode.InternalError, text);
      }
      throw new McpError(ErrorCode.InternalError, describeError(error));
    }
  });

  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }) => {
    const definition = ref.type === 'ref/resource' ? definitions.find(one => one.uri === ref.uri) : undefined;
    if (definition?.complete === undefined) return { completion: { values: [] } };
    const context = await runner.context([]);
    const values = await definition.complete(argument.name, argument.value, context);
    return {
      completion: {
        values: values.slice(0, COMPLETIONS_AT_MOST),
        total: values.length,
        hasMore: values.length > COMPLETIONS_AT_MOST,
      },
    };
  });
}

function find(
  uri: string,
  fixed: readonly ResourceDefinition[],
  templates: readonly { definition: ResourceDefinition; template: UriTemplate }[],
): { definition: ResourceDefinition; variables: { [name: string]: string } } | null {
  const exact = fixed.find(definition => definition.uri === uri);
  if (exact !== undefined) return { definition: exact, variables: {} };
  for (const { definition, template } of templates) {
    const matched = template.match(uri);
    if (matched === null) continue;
    const variables = Object.entries(matched).map(([name, value]) => [name, decode(String(value))] as const);
    return { definition, variables: Object.fromEntries(variables) };
  }
  return null;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
