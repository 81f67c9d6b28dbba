/** The hint of an answer: all that is to be said, nothing where there is nothing. */
export function hints(...said: (string | false | undefined)[]): { hint?: string } {
  const hint = said.filter(Boolean).join(' ');
  return hint === '' ? {} : { hint };
}
