/** Placeholder in a page's template for its facts. */
export const FACTS_HERE = '<!--facts-->';

/**
 * A complete page with its facts embedded as JSON. Every `<` in the JSON is escaped, so that no value can close the script
 * element that holds it.
 */
export function withFacts(template: string, facts: object): string {
  const json = JSON.stringify(facts).replaceAll('<', '\\u003c');
  return template.replace(FACTS_HERE, () => json);
}

/** In the head of each page; identifies a file as one of our reports. */
export const GENERATOR = '<meta name="generator" content="proxmox-mpc">';
