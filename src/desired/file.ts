import { isMap, isScalar, isSeq, LineCounter, type Node, type YAMLMap } from 'yaml';
import { describeError, MpcError, UsageError } from '../errors.ts';
import { nearest } from '../history/resource-name.ts';
import {
  CHECK_PATH,
  type Declaration,
  type DeclaredFields,
  type Exception,
  type Rule,
  type Selector,
} from '../model/declaration.ts';
import { quoted, quotedList } from '../text/cluster-text.ts';
import { checkCalled, isAboutCheck } from './accepted-check.ts';
import {
  certainConflicts,
  conflictText,
  exceptionSubject,
  inOrder,
  NOTHING_DECLARED,
  ruleWith,
} from './declaration.ts';
import { shortPath, typesOf } from './fields.ts';
import { type Fault, keyOf, offsetOf, parseTree, plainOf, textOf } from './file-tree.ts';
import { readSelector, selectorId } from './selector.ts';
import { readSetting } from './setting.ts';
import { untilOf } from './until.ts';

/** One fault in a declared file. Line and column count from 1. */
export interface FileFault {
  line: number;
  column: number;
  message: string;
}

/** A declared file that cannot be used, with all its faults in the order of lines. */
export class DeclaredFileError extends MpcError {
  readonly faults: readonly FileFault[];

  constructor(file: string, faults: readonly FileFault[]) {
    const shown = faults
      .slice(0, FAULTS_SHOWN)
      .map(one => `${file}:${one.line}:${one.column}: ${one.message}`);
    const left = faults.length - shown.length;
    const atLeast = faults.length < FAULTS_AT_MOST ? '' : 'at least ';
    const more = left > 0 ? [`and ${atLeast}${left} more`] : [];
    super('declared-file', [...shown, ...more].join('\n'), { hint: `Mend ${file} and ask again.` });
    this.faults = faults;
  }
}

const FAULTS_SHOWN = 10;
/** Nobody reads on after so many, and each may take a search for what was meant. */
const FAULTS_AT_MOST = 1_000;
/** Resources about which something can be declared, and those that findings are about. */
const DECLARED_RESOURCE = /^(?:(?:vm|container)\/\d{1,9}|storage\/[\w.-]+)$/;
const FINDING_RESOURCE =
  /^(?:(?:vm|container)\/\d{1,9}|cluster|(?:node|storage|backup-job|pool|ha)\/[\w.:-]+)$/;

/** How to read a file: dates of exceptions are in this IANA zone, and include the whole day. */
export interface FileOptions {
  /** The file's name in errors. */
  file: string;
  timeZone: string;
  /** The checks whose findings may be accepted. */
  checks: readonly string[];
}

/** Reads a declaration from a file's text, YAML or JSON. @throws DeclaredFileError with every fault by line and column */
export function readDeclaredFile(text: string, { file, ...options }: FileOptions): Declaration {
  const faults: FileFault[] = [];
  const lines = new LineCounter();
  const isFull = () => faults.length >= FAULTS_AT_MOST;
  const at = (offset: number | undefined, message: string): void => {
    if (isFull()) return;
    const { line, col } = lines.linePos(offset ?? 0);
    faults.push({ line: Math.max(1, line), column: Math.max(1, col), message });
  };
  const root = parseTree(text, lines, at);
  const declaration =
    faults.length > 0 ? NOTHING_DECLARED : new Reader(at, isFull, options).declaration(root);
  if (faults.length === 0) return declaration;
  throw new DeclaredFileError(
    file,
    faults.sort((a, b) => a.line - b.line || a.column - b.column),
  );
}

/** Turns the tree into a declaration, recording faults by place. */
class Reader {
  readonly #at: Fault;
  readonly #isFull: () => boolean;
  readonly #options: Omit<FileOptions, 'file'>;

  constructor(at: Fault, isFull: () => boolean, options: Omit<FileOptions, 'file'>) {
    this.#at = at;
    this.#isFull = isFull;
    this.#options = options;
  }

  declaration(root: Node | null): Declaration {
    // An empty file declares nothing.
    if (root === null || (isScalar(root) && root.value === null)) return NOTHING_DECLARED;
    const parts = this.#map(root, ['rules', 'exceptions'], 'the file');
    const rules = new Map<string, Rule>();
    const places = new Map<string, number | undefined>();
    for (const node of this.#items(parts.get('rules'), 'rules')) {
      const rule = this.#rule(node);
      if (rule !== null) this.#join(rules, rule, node.range?.[0], places);
    }
    const exceptions = new Map<string, Exception>();
    for (const node of this.#items(parts.get('exceptions'), 'exceptions')) {
      const exception = this.#exception(node);
      if (exception !== null) exceptions.set(exceptionSubject(exception), exception);
    }
    const declaration = inOrder({ rules: [...rules.values()], exceptions: [...exceptions.values()] });
    for (const conflict of certainConflicts(declaration.rules))
      this.#at(places.get(`${conflict.rules[1].id} ${conflict.path}`), conflictText(conflict));
    return declaration;
  }

  /** Adds a rule. Two rules with the same selector are merged, unless they contradict each other. */
  #join(
    rules: Map<string, Rule>,
    {
      match,
      fields,
      offsets,
    }: { match: Selector; fields: DeclaredFields; offsets: Map<string, number | undefined> },
    offset: number | undefined,
    places: Map<string, number | undefined>,
  ): void {
    const id = selectorId(match);
    const before = rules.get(id);
    for (const [path, value] of Object.entries(fields)) {
      const was = before?.fields[path];
      if (was !== undefined && JSON.stringify(was) !== JSON.stringify(value) && !/[+-]$/.test(path))
        this.#at(
          offsets.get(path) ?? offset,
          `${quoted(id)} declares ${shortPath(path)} twice, with different values`,
        );
      places.set(`${id} ${path}`, offsets.get(path) ?? offset);
    }
    rules.set(id, ruleWith(before, match, fields));
  }

  #rule(node: Node) {
    const parts = this.#map(node, ['match', 'fields'], 'a rule');
    const match = this.#match(parts.get('match'), node);
    if (!parts.has('fields'))
      this.#at(node.range?.[0], 'a rule needs fields, such as fields: {memory: 8192}');
    const fieldsNode = parts.get('fields');
    if (match === null || fieldsNode === undefined) return null;
    if (!isMap(fieldsNode)) {
      this.#at(fieldsNode.range?.[0], 'fields must be a map, such as {memory: 8192, net0.tag: 20}');
      return null;
    }
    const fields: DeclaredFields = {};
    const offsets = new Map<string, number | undefined>();
    for (const pair of this.#untilFull(fieldsNode.items)) {
      const offset = offsetOf(pair);
      this.#try(offset, () => {
        const read = readSetting(
          { field: keyOf(pair), value: plainOf(pair.value as Node | null) },
          typesOf(match),
        );
        for (const path of Object.keys(read)) {
          if (offsets.has(path)) this.#at(offset, `${shortPath(path)} stands here twice`);
          offsets.set(path, offset);
        }
        Object.assign(fields, read);
      });
    }
    return { match, fields, offsets };
  }

  #exception(node: Node): Exception | null {
    const known = ['match', 'field', 'value', 'owner', 'until', 'why'];
    const parts = this.#map(node, known, 'an exception');
    const fieldNode = parts.get('field');
    const ofCheck = isScalar(fieldNode) && isAboutCheck({ field: String(fieldNode.value) });
    const match = this.#match(parts.get('match'), node, ofCheck ? FINDING_RESOURCE : DECLARED_RESOURCE);
    for (const name of ['field', 'value', 'owner', 'until'])
      if (!parts.has(name))
        this.#at(node.range?.[0], `an exception needs ${name}${EXCEPTION_HINTS[name] ?? ''}`);
    const [field, value, owner, until] = ['field', 'value', 'owner', 'until'].map(name => parts.get(name));
    if (match === null || !field || !value || !owner || !until) return null;
    const exception = this.#try((ofCheck ? value : field).range?.[0], () => {
      if (ofCheck) return { path: CHECK_PATH, value: checkCalled(plainOf(value), this.#options.checks) };
      const read = Object.entries(
        readSetting({ field: textOf(field), value: plainOf(value) }, typesOf(match)),
      );
      if (read.length !== 1 || /[+-]$/.test(read[0]![0]))
        throw new UsageError('an exception is about one value of one field');
      return { path: read[0]![0], value: read[0]![1] };
    });
    const end = this.#try(until.range?.[0], () => untilOf(textOf(until), this.#options.timeZone));
    if (exception === null || end === null) return null;
    const why = parts.get('why');
    return {
      match,
      ...exception,
      owner: textOf(owner),
      until: end,
      why: why === undefined ? null : textOf(why),
    };
  }

  #match(node: Node | undefined, parent: Node, named = DECLARED_RESOURCE): Selector | null {
    if (node === undefined) {
      this.#at(
        parent.range?.[0],
        'match is missing: say which resources, such as match: vm/101 or match: {tag: prod}',
      );
      return null;
    }
    return this.#try(node.range?.[0], () => {
      const written = plainOf(node);
      const conditions =
        typeof written === 'object' && written !== null && !Array.isArray(written)
          ? written
          : { resource: written };
      const match = readSelector(conditions);
      if (Object.keys(match).length === 0)
        throw new UsageError('match is empty: say which resources, such as {type: vm}');
      if (match.resource !== undefined && !named.test(match.resource))
        throw new UsageError(
          `${quoted(match.resource)} names no resource: write vm/101, container/200 or storage/local, or match: {name: web}`,
        );
      return match;
    });
  }

  /** The members of a list; an absent or empty one has none. */
  #items(node: Node | undefined, name: string): Iterable<Node> {
    if (node === undefined || (isScalar(node) && node.value === null)) return [];
    if (isSeq(node)) return this.#untilFull(node.items as Node[]);
    this.#at(node.range?.[0], `${name} must be a list`);
    return [];
  }

  /** A map's values, for the known names. */
  #map(node: Node, known: readonly string[], what: string): Map<string, Node> {
    const found = new Map<string, Node>();
    if (!isMap(node)) {
      this.#at(node.range?.[0], `${what} must be a map with ${known.join(', ')}`);
      return found;
    }
    for (const pair of this.#untilFull((node as YAMLMap).items)) {
      const key = keyOf(pair);
      const near = nearest(key, known);
      if (known.includes(key) && pair.value !== null) found.set(key, pair.value as Node);
      else if (!known.includes(key))
        this.#at(
          offsetOf(pair),
          `${what} has no ${quoted(key)}: ${near.length > 0 ? `did you mean ${quotedList(near)}?` : `use ${known.join(', ')}`}`,
        );
    }
    return found;
  }

  *#untilFull<T>(items: Iterable<T>): Generator<T> {
    for (const item of items) {
      if (this.#isFull()) return;
      yield item;
    }
  }

  #try<T>(offset: number | undefined, work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      const hint = error instanceof MpcError && error.hint ? ` ${error.hint}` : '';
      this.#at(offset, `${describeError(error)}${hint}`);
      return null;
    }
  }
}

const EXCEPTION_HINTS: { readonly [name: string]: string } = {
  until: ': the last day it holds, such as until: 2026-12-15',
  owner: ': who answers for it',
};
