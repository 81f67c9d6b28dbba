/** A question that people ask often, as hosts offer it: it tells the model which tools answer it and how to report. */
export interface PromptDefinition {
  name: string;
  title: string;
  description: string;
  /** All are text; people fill them in. */
  arguments: readonly PromptArgument[];
  /** What the user is taken to say. Missing optional arguments are absent. */
  text: (values: { [argument: string]: string }) => string;
}

/** One thing people fill in; MCP hands it over as text. */
export interface PromptArgument {
  name: string;
  description: string;
  required: boolean;
  /** What completion offers: resources or nodes by name, these words, or what is found when somebody types. */
  complete?: 'resources' | 'nodes' | readonly string[] | (() => Promise<readonly string[]>);
}

/** Declares a prompt. */
export function definePrompt(definition: PromptDefinition): PromptDefinition {
  return definition;
}
