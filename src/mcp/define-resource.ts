import type { Facet } from '../model/facet.ts';
import type { ToolContext } from './define-tool.ts';

/** One MCP resource or resource template: JSON under a URI. */
export interface ResourceDefinition {
  /** `proxmox://vms/{vmid}`; variables in braces. */
  uri: string;
  name: string;
  title: string;
  description: string;
  needs: readonly Facet[];
  /** The JSON to show. @throws UsageError where nothing of that name is known. */
  read: (variables: { [name: string]: string }, context: ToolContext) => Promise<object>;
  /** Values a variable may take, for completion: those that begin with what was typed. */
  complete?: (variable: string, typed: string, context: ToolContext) => Promise<string[]>;
}

/** Declares a resource. */
export function defineResource(definition: ResourceDefinition): ResourceDefinition {
  return definition;
}
