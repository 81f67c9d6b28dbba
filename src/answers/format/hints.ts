/** The hint of an answer: all of these that apply; none if none does. */
export function hints(...said: (string | false | undefined)[]): { hint?: string } {
  const hint = said.filter(Boolean).join(' ');
  return hint === '' ? {} : { hint };
}
