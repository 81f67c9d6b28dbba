import type { Facet } from '../../model/facet.ts';
import type { ToolContext } from './tool.ts';

/** One MCP resource or resource template: JSON under a URI. */
export interface ResourceDefinition {
  /** `proxmox://vms/{vmid}`; variables in braces. */
  uri: string;
  name: string;
  title: string;
  description: string;
  needs: readonly Facet[];
  /** The JSON to show. @throws UsageError if nothing with that name is known. */
  read: (variables: { [name: string]: string }, context: ToolContext) => Promise<object>;
  /** Values of a variable that begin with what was typed, for completion. `chosen` are the other variables' values so far. */
  complete?: (
    variable: string,
    typed: string,
    context: ToolContext,
    chosen?: { [variable: string]: string },
  ) => Promise<string[]>;
  /** Whether a commit that changed these keys (`vm/101`, `task/UPID:...`) changed what is shown. Never, if left out. */
  changedBy?: (keys: readonly string[], variables: { [name: string]: string }) => boolean;
  /** For a template: the things it can show at present, for resources/list. */
  list?: (context: ToolContext) => Promise<ListedResource[]>;
}

/** One thing that a template can show. */
export interface ListedResource {
  uri: string;
  name: string;
  title: string;
}

/** Declares a resource. */
export function defineResource(definition: ResourceDefinition): ResourceDefinition {
  return definition;
}
