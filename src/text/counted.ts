/** `1 guest`, `2 guests`; `many` where the plural is no plain s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
