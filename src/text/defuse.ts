/** An address in angle brackets, which Markdown turns into a link. The address itself is kept. */
const AUTOLINK = /<((?:[a-z][a-z0-9+.-]{1,31}:|www\.)[^\s<>]{0,2000}|[^\s<>@]{1,64}@[\w.-]{1,200})>/gi;
/** Tags, comments and declarations, closed or not. */
const TAG = /<[/!?]?[a-z!?[-][^<>]{0,2000}>?/gi;
/**
 * What makes brackets Markdown: `](`, `][`, `![`, and the definition of a reference. A blank after the match breaks each of them.
 */
const BRACKETS =
  /\](?=[([])|!(?=\[)|\](?=:\s{0,4}<?(?:[a-z][a-z0-9+.-]{0,30}:\/\/|\/\/|www\.|data:|javascript:))/gi;
/** Schemes of addresses that execute or embed something. */
const ACTIVE =
  /\b(javascript|vbscript|livescript|data)(?=\s{0,4}:)(?!\s{0,4}:\s)(?!data\s{0,4}:(?!\s{0,4}[\w.+-]{1,40}\/|[;,]))/gi;

/** Breaks links and images, so that Markdown loads and links nothing; their addresses stay readable. */
export function withoutLinks(text: string): string {
  return text.replace(BRACKETS, '$& ').replace(ACTIVE, '$1 ');
}

/** Text without HTML: tags become blanks, and an address in angle brackets loses these. `a < b` stays. */
export function withoutTags(text: string): string {
  return text.includes('<') ? text.replace(AUTOLINK, ' $1 ').replace(TAG, ' ') : text;
}
