import { UsageError } from '../errors.ts';
import { namePattern } from '../history/name-pattern.ts';
import { nearest } from '../history/resource-name.ts';
import { DECLARABLE_TYPES, type DeclarableType, type Selector } from '../model/declaration.ts';
import { quoted } from '../text/cluster-text.ts';
import type { Subject } from './subject.ts';

/** The conditions of a selector, in the order in which its id names them. */
export const CONDITIONS = ['resource', 'name', 'tag', 'pool', 'node', 'type'] as const;

/** Values that an id contains without quotes. */
const PLAIN = /^[\w./*+@:-]+$/;

/** The selector in words: `vm/101`, or `tag=prod type=vm`. Selectors with equal conditions have equal ids. */
export function selectorId(match: Selector): string {
  if (match.resource !== undefined) return match.resource;
  return CONDITIONS.flatMap(name => {
    const value = match[name];
    return value === undefined ? [] : [`${name}=${PLAIN.test(value) ? value : JSON.stringify(value)}`];
  }).join(' ');
}

/** How specific a selector is: a named resource ranks above a pattern of names, and that above everything else. */
export function rankOf(match: Selector): number {
  if (match.resource !== undefined) return 2;
  return match.name !== undefined ? 1 : 0;
}

/** Returns whether a selector applies to a subject. */
export function selects(match: Selector): (subject: Subject) => boolean {
  const { resource, type, tag, pool, node, name } = match;
  if (resource !== undefined) return subject => subject.resource === resource;
  const lowerTag = tag?.toLowerCase();
  const fits = name === undefined ? undefined : wholeName(name);
  return subject =>
    (type === undefined || subject.type === type) &&
    (node === undefined || subject.node === node) &&
    (pool === undefined || subject.pool === pool) &&
    (lowerTag === undefined || subject.tags.some(one => one.toLowerCase() === lowerTag)) &&
    (fits === undefined || (subject.name !== null && fits(subject.name)));
}

function wholeName(name: string): (name: string) => boolean {
  if (name.includes('*')) return namePattern(name);
  const lower = name.toLowerCase();
  return one => one.toLowerCase() === lower;
}

/** The selectors that match everything this one matches, whatever resources exist: itself, and those with fewer of its conditions. */
export function widerThan(match: Selector): Selector[] {
  return CONDITIONS.reduce<Selector[]>(
    (found, name) =>
      match[name] === undefined ? found : found.flatMap(one => [one, { ...one, [name]: match[name] }]),
    [{}],
  );
}

/** All conditions of a selector as one text; equal selectors have equal texts. */
export function writtenOut(match: Selector): string {
  return JSON.stringify(CONDITIONS.map(name => match[name] ?? null));
}

/**
 * A selector from written conditions, without empty ones.
 * @throws UsageError for an unknown or invalid condition, and for a resource combined with others
 */
export function readSelector(written: { [condition: string]: unknown }): Selector {
  const match: Selector = {};
  for (const [name, value] of Object.entries(written)) {
    if (value === undefined || value === null || value === '') continue;
    const condition = CONDITIONS.find(one => one === name);
    if (condition === undefined) throw unknownCondition(name);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new UsageError(`${condition} must be one text.`, { hint: `Write it as in ${condition}: web.` });
    const text = String(value).trim();
    if (condition === 'type') match.type = typeCalled(text);
    else match[condition] = text;
  }
  const others = Object.keys(match).length - 1;
  if (match.resource !== undefined && others > 0)
    throw new UsageError('resource names one thing already: no other condition goes with it.', {
      hint: 'Name a resource, or give conditions such as tag and type.',
    });
  return match;
}

const TYPE_WORDS: { readonly [word: string]: DeclarableType } = {
  qemu: 'vm',
  vms: 'vm',
  lxc: 'container',
  ct: 'container',
  containers: 'container',
};

function typeCalled(text: string): DeclarableType {
  const word = text.toLowerCase();
  const type =
    DECLARABLE_TYPES.find(one => one === word) ??
    (Object.hasOwn(TYPE_WORDS, word) ? TYPE_WORDS[word] : undefined);
  if (type !== undefined) return type;
  throw new UsageError(`${quoted(text)} is no type of which something can be declared.`, {
    hint: `Use one of ${DECLARABLE_TYPES.join(', ')}.`,
  });
}

function unknownCondition(name: string): UsageError {
  const near = nearest(name, CONDITIONS);
  return new UsageError(`A selector has no condition ${quoted(name)}.`, {
    hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : `Use ${CONDITIONS.join(', ')}.`,
  });
}
