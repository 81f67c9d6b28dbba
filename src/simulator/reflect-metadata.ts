/**
 * The two functions of the `Reflect` metadata proposal that `@peculiar/x509` needs through tsyringe. They are a lookup in a map,
 * which is not worth a dependency.
 */
type Metadata = { getMetadata?: unknown; getOwnMetadata?: unknown; defineMetadata?: unknown };

const store = new WeakMap<object, Map<unknown, unknown>>();
const reflect = Reflect as Metadata;

const get = (key: unknown, target: object): unknown => store.get(target)?.get(key);

reflect.getMetadata ??= get;
reflect.getOwnMetadata ??= get;
reflect.defineMetadata ??= (key: unknown, value: unknown, target: object): void => {
  const entries = store.get(target) ?? new Map<unknown, unknown>();
  entries.set(key, value);
  store.set(target, entries);
};
