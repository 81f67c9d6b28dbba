import type { Random } from './prng.ts';
import { RowJson } from './row-cache.ts';

const quotedKeys = new Map<string, string>();

/**
 * JSON whose object keys come in another order on each call, as Perl's hashes do: each object's keys start at a random
 * one and run forwards or backwards, which costs next to nothing at ten thousand rows. Undefined values are left out.
 */
export function scrambledJson(value: unknown, order: Random): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) {
    const parts: string[] = [];
    for (const item of value) parts.push(scrambledJson(item, order));
    return `[${parts.join(',')}]`;
  }
  if (value instanceof RowJson) return value.text(order);
  const fields = value as Record<string, unknown>;
  const keys = Object.keys(fields);
  const count = keys.length;
  if (count === 0) return '{}';
  const start = Math.floor(order.next() * count);
  const step = order.next() < 0.5 ? 1 : count - 1;
  let json = '';
  for (let i = 0, at = start; i < count; i++, at = (at + step) % count) {
    const key = keys[at]!;
    const field = fields[key];
    if (field === undefined) continue;
    json += `${json === '' ? '' : ','}${quoted(key)}:${scrambledJson(field, order)}`;
  }
  return `{${json}}`;
}

function quoted(key: string): string {
  let text = quotedKeys.get(key);
  if (text === undefined) {
    text = JSON.stringify(key);
    if (quotedKeys.size < 5000) quotedKeys.set(key, text);
  }
  return text;
}
