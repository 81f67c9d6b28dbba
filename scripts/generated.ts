import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationMarkdown } from '../src/config/docs.ts';
import { apiCoverageMarkdown } from '../src/proxmox/coverage.ts';
import { checksMarkdown } from './checks-doc.ts';
import { fieldsMarkdown } from './fields-doc.ts';
import { installingMarkdown } from './installing-doc.ts';
import { questionsMarkdown } from './questions-doc.ts';
import { serverJson } from './server-json.ts';
import { sqlViewsMarkdown } from './sql-doc.ts';
import { statusesMarkdown } from './statuses-doc.ts';
import { toolsMarkdown, toolTable } from './tools-doc.ts';

/** The checkout's root. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Every generated text by its path from the root. What stands in the checkout must equal it; a test holds that. */
export function generatedFiles(): Map<string, string> {
  return new Map([
    ['docs/configuration.md', configurationMarkdown()],
    ['docs/checks.md', checksMarkdown()],
    ['docs/fields.md', fieldsMarkdown()],
    ['docs/installing.md', installingMarkdown()],
    ['docs/sql-views.md', sqlViewsMarkdown()],
    ['docs/questions.md', questionsMarkdown()],
    ['docs/statuses.md', statusesMarkdown()],
    ['docs/tools.md', toolsMarkdown()],
    ['docs/proxmox-api-coverage.md', apiCoverageMarkdown()],
    ['server.json', serverJson(readFileSync(`${root}/package.json`, 'utf8'))],
    ['README.md', withToolTable(readFileSync(`${root}/README.md`, 'utf8'))],
  ]);
}

function withToolTable(readme: string): string {
  return readme.replace(
    /(<!-- tools:begin -->\n)[\s\S]*?(<!-- tools:end -->)/,
    (_, begin, end) => `${begin}\n${toolTable()}\n\n${end}`,
  );
}
