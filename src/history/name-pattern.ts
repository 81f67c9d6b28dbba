/**
 * Returns a test for names that match what a person typed: a part of the name or, with `*`, a pattern for the whole name. Only
 * the case of ASCII letters is ignored, as both engines' LIKE does for the present. Never backtracks: each part between two `*`
 * is searched once, from where the previous one ended.
 */
export function namePattern(typed: string): (name: string) => boolean {
  const [first = '', ...others] = foldAscii(typed).split(/\*+/);
  const last = others.pop();
  if (last === undefined) return name => foldAscii(name).includes(first);
  return name => {
    const text = foldAscii(name);
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const part of others) {
      const found = text.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return at <= end;
  };
}

function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, letters => letters.toLowerCase());
}
