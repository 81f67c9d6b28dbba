/**
 * Values as JSON that can be read back as they were: what JSON has no form for is told by a key of its own. `undefined` in a
 * field is told apart from a field that is not there, since it means "not seen".
 */
export function encodePlain(value: unknown): unknown {
  if (value === undefined) return { $undefined: true };
  if (value === Number.POSITIVE_INFINITY) return { $infinity: true };
  if (value instanceof Map) return { $map: [...value].map(pair => pair.map(encodePlain)) };
  if (value instanceof Set) return { $set: [...value].map(encodePlain) };
  if (typeof value === 'function') throw new TypeError('a function is no plain value');
  if (Array.isArray(value)) return value.map(encodePlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, encodePlain(child)]));
}

/** The value that `encodePlain` made this of. */
export function decodePlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decodePlain);
  if ('$undefined' in value) return undefined;
  if ('$infinity' in value) return Number.POSITIVE_INFINITY;
  if ('$map' in value)
    return new Map(
      (value.$map as [unknown, unknown][]).map(([key, child]) => [decodePlain(key), decodePlain(child)]),
    );
  if ('$set' in value) return new Set((value.$set as unknown[]).map(decodePlain));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, decodePlain(child)]));
}
