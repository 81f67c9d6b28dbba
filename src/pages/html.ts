/** Where a page's template takes its facts. */
export const FACTS_HERE = '<!--facts-->';

/**
 * A page with its facts, whole in one text. They stand in it as JSON in which no `<` is left, so that nothing in them can end
 * the script element that holds them.
 */
export function withFacts(template: string, facts: object): string {
  const json = JSON.stringify(facts).replaceAll('<', '\\u003c');
  return template.replace(FACTS_HERE, () => json);
}

/** Stands in the head of each page, by which a file is known as one of our reports. */
export const GENERATOR = '<meta name="generator" content="proxmox-mpc">';
