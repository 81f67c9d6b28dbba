import type { ToolRunner } from '../mcp/runner/tool-runner.ts';
import type { Row } from './render/table.ts';

type Result = Awaited<ReturnType<ToolRunner['run']>>;

/** The error message of a failed call. */
export function errorText(result: Result): string {
  const [first] = result.content;
  return first?.type === 'text' ? first.text : 'The call failed.';
}

/** The facts of an answer; `{error}` for a failed call. */
export function structuredOf(result: Result): Row {
  return result.isError ? { error: errorText(result) } : ((result.structuredContent ?? {}) as Row);
}
