/** Garbage, fed on purpose: what the types forbid, and what is tested must refuse or bear all the same. */
export function garbage<T>(value: unknown): T {
  return value as T;
}

/** Some of a thing, each part of which may be some of it again; what may have any names is whole. */
type Some<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? string extends keyof T
      ? T
      : { [Name in keyof T]?: Some<T[Name]> }
    : T;

/** As much of a thing as what is tested looks at. */
export function someOf<T extends object>(part: Some<T>): T {
  return part as T;
}
