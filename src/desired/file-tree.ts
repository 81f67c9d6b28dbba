import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { UsageError } from '../errors.ts';
import type { JsonValue } from '../model/state.ts';
import { quoted } from '../text/cluster-text.ts';

/** Longest file accepted (characters). */
const FILE_AT_MOST = 1_000_000;
/** Deepest nesting accepted: a declaration needs five levels, and reading a hundred thousand takes long. */
const DEEPEST = 100;

/** Records a fault at a place in the file (an offset in its text). */
export type Fault = (offset: number | undefined, message: string) => void;

/** The tree of a text with plain values only: no tags, anchors, aliases or directives. */
export function parseTree(text: string, lines: LineCounter, at: Fault): Node | null {
  if (text.length > FILE_AT_MOST) {
    at(0, `the file is longer than ${FILE_AT_MOST} characters`);
    return null;
  }
  if (depthOf(text) > DEEPEST) {
    at(0, `something is nested deeper than ${DEEPEST} levels`);
    return null;
  }
  const document = withoutStacks(() =>
    parseDocument(text, {
      lineCounter: lines,
      schema: 'core',
      merge: false,
      prettyErrors: false,
      resolveKnownTags: false,
      // The library compares each key with all before it.
      uniqueKeys: false,
    }),
  );
  for (const error of [...document.errors, ...document.warnings]) at(error.pos[0], faultOf(error));
  visit(document, {
    Node: (_, node) => {
      const offset = node.range?.[0];
      if (isAlias(node)) at(offset, 'aliases are not taken: write the value out');
      else if (node.anchor !== undefined)
        at(offset, 'anchors are not taken: write the value out where it is needed');
      if (!isAlias(node) && node.tag !== undefined)
        at(offset, `tags such as ${quoted(node.tag)} are not taken`);
      if (isMap(node)) noteDoubled(node, at);
    },
  });
  return document.contents as Node | null;
}

function noteDoubled({ items }: YAMLMap, at: Fault): void {
  const known = new Set<string>();
  for (const pair of items) {
    if (!isScalar(pair.key)) continue;
    if (known.has(keyOf(pair))) at(offsetOf(pair), 'Map keys must be unique');
    known.add(keyOf(pair));
  }
}

/** The library makes an error of every fault. A million brackets are half a million: their stacks cost two thirds of the time. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** How deeply brackets, or dashes on one line, are nested: a cheap check before parsing. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [sign] of text.matchAll(/[[{\]}]|^ *(?:- +){2,}/gm)) {
    if (sign === '[' || sign === '{') depth++;
    else if (sign === ']' || sign === '}') depth = Math.max(0, depth - 1);
    else deepest = Math.max(deepest, sign.split('-').length - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function faultOf({ code, message }: YAMLError): string {
  return code === 'RESOURCE_EXHAUSTION'
    ? 'something is nested too deep'
    : message.split('\n')[0]!.slice(0, 200);
}

/** A pair's key as text. */
export function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** Where a pair begins; undefined where that is unknown. */
export function offsetOf(pair: Pair): number | undefined {
  return (pair.key as Node | null)?.range?.[0];
}

/** A text or number as text. @throws UsageError for anything else */
export function textOf(node: Node): string {
  const value = plainOf(node);
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new UsageError('this must be one text');
}

/** A node's value as in JSON. Call it only where there are no aliases. */
export function plainOf(node: Node | null): JsonValue {
  if (node === null) return null;
  if (isScalar(node)) {
    const { value } = node;
    // A number with too many digits keeps its text.
    if (typeof value === 'number' && !Number.isSafeInteger(value) && node.source !== undefined)
      return node.source;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : null;
  }
  if (!isCollection(node)) return null;
  if (isSeq(node)) return node.items.map(one => plainOf(one as Node | null));
  return Object.fromEntries(
    (node as YAMLMap).items.map(pair => [keyOf(pair), plainOf(pair.value as Node | null)]),
  );
}
