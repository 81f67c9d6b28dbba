import {
  applyEdits,
  findNodeAtLocation,
  modify,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { UsageError } from '../../errors.ts';

/*
 * Changes to a JSON text that leave every other byte of it alone: what stands beside a change keeps its line, its comment
 * and its form, as whoever wrote it wanted it.
 */

/** The tree of a text. @throws UsageError if it is no JSON. */
export function readTree(text: string, comments: boolean): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: !comments, allowTrailingComma: comments });
  const [first] = errors;
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split('\n').length;
    throw new UsageError(`it is no valid JSON (${printParseErrorCode(first.error)} at line ${line})`);
  }
  return root!;
}

/** The node at a path; undefined if there is none. */
function nodeAt(text: string, path: string[]): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  return root && findNodeAtLocation(root, path);
}

/** The text with a value at a path. Missing objects on the way are created. */
export function setValue(text: string, path: string[], value: unknown): string {
  const node = nodeAt(text, path);
  if (node !== undefined) {
    const end = node.offset + node.length;
    return text.slice(0, node.offset) + written(value, text, node.offset) + text.slice(end);
  }
  const parent = path.slice(0, -1);
  const [key] = path.slice(-1) as [string];
  const object = nodeAt(text, parent);
  return object === undefined
    ? setValue(text, parent, { [key]: value })
    : insertFirst(text, object, key, value);
}

/** The text without the property at a path. */
export function removeValue(text: string, path: string[]): string {
  return nodeAt(text, path) === undefined ? text : applyEdits(text, modify(text, path, undefined, {}));
}

/** Inserts as the first property: after the last one, there might be a comment that belongs to it. */
function insertFirst(text: string, object: Node, key: string, value: unknown): string {
  const open = object.offset + 1;
  const rest = text.slice(open);
  const comma = (object.children ?? []).length > 0 ? ',' : '';
  const restOfLine = /^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/[ \t]*)?(?=\r?\n)/.exec(rest)?.[0];
  const at = open + (restOfLine ?? '').length;
  const { eol, unit } = formOf(text);
  const outer = indentAt(text, object.offset);
  let property: string;
  if (restOfLine === undefined && comma !== '') {
    // The object's properties are on one line, so the new one is, too.
    property = `${/^[ \t]*/.exec(rest)![0]}${JSON.stringify(key)}: ${JSON.stringify(value)},`;
  } else {
    const lines = JSON.stringify(value, null, unit).replaceAll('\n', eol + outer + unit);
    const close = restOfLine === undefined ? eol + outer : '';
    property = `${eol}${outer}${unit}${JSON.stringify(key)}: ${lines}${comma}${close}`;
  }
  return text.slice(0, at) + property + text.slice(at);
}

/** A value formatted for an offset: over several lines unless the whole text has only one. */
function written(value: unknown, text: string, offset: number): string {
  if (!text.includes('\n')) return JSON.stringify(value);
  const { eol, unit } = formOf(text);
  return JSON.stringify(value, null, unit).replaceAll('\n', eol + indentAt(text, offset));
}

/** The line ends and indentation the text uses. */
function formOf(text: string): { eol: string; unit: string } {
  const [, unit = '  '] = /\n([ \t]+)\S/.exec(text) ?? [];
  return { eol: text.includes('\r\n') ? '\r\n' : '\n', unit };
}

/** The indentation of an offset's line. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)![0];
}
