import type { ToolRunner } from '../mcp/runner/tool-runner.ts';
import type { Row } from './render/table.ts';

type Result = Awaited<ReturnType<ToolRunner['run']>>;

/** What a failed call says. */
export function errorText(result: Result): string {
  const [first] = result.content;
  return first?.type === 'text' ? first.text : 'The call failed.';
}

/** The facts of an answer; of a failed call `{error}`. */
export function structuredOf(result: Result): Row {
  return result.isError ? { error: errorText(result) } : ((result.structuredContent ?? {}) as Row);
}
