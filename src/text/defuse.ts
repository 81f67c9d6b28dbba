/** An address in angle brackets, which Markdown makes a link. Its address stays. */
const AUTOLINK = /<((?:[a-z][a-z0-9+.-]{1,31}:|www\.)[^\s<>]{0,2000}|[^\s<>@]{1,64}@[\w.-]{1,200})>/gi;
/** Tags, comments and declarations, closed or not. */
const TAG = /<[/!?]?[a-z!?[-][^<>]{0,2000}>?/gi;
/** What makes Markdown of brackets: `](`, `][`, `![`, and the definition of a reference. A blank inside undoes each. */
const BRACKETS =
  /\](?=[([])|!(?=\[)|\](?=:\s{0,4}<?(?:[a-z][a-z0-9+.-]{0,30}:\/\/|\/\/|www\.|data:|javascript:))/gi;
/** Addresses that run or carry something themselves. */
const ACTIVE =
  /\b(javascript|vbscript|livescript|data)(?=\s{0,4}:)(?!\s{0,4}:\s)(?!data\s{0,4}:(?!\s{0,4}[\w.+-]{1,40}\/|[;,]))/gi;

/** Text in which Markdown loads and links nothing: images and links are undone, their addresses stay readable. */
export function withoutLinks(text: string): string {
  return text.replace(BRACKETS, '$& ').replace(ACTIVE, '$1 ');
}

/** Text without HTML: tags are blanks, an address in angle brackets loses these. `a < b` stays. */
export function withoutTags(text: string): string {
  return text.includes('<') ? text.replace(AUTOLINK, ' $1 ').replace(TAG, ' ') : text;
}
