/** `JSON.parse` returns `unknown` here, so that who reads the value states its type. TypeScript's `any` would allow all. */
interface JSON {
  parse(text: string): unknown;
}
