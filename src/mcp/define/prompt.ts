/** A frequent question, as hosts offer it: it tells the model which tools answer it and how to report. */
export interface PromptDefinition {
  name: string;
  title: string;
  description: string;
  /** All are text that people fill in. */
  arguments: readonly PromptArgument[];
  /** The text sent as the user's. Optional arguments may be missing. */
  text: (values: { [argument: string]: string }) => string;
}

/** One argument for people to fill in; MCP passes it as text. */
export interface PromptArgument {
  name: string;
  description: string;
  required: boolean;
  /** What completion offers: names of resources or nodes, these words, or words found while somebody types. */
  complete?: 'resources' | 'nodes' | readonly string[] | (() => Promise<readonly string[]>);
}

/** Declares a prompt. */
export function definePrompt(definition: PromptDefinition): PromptDefinition {
  return definition;
}
