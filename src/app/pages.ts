import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppDefinition, TIMELINE_APP, USAGE_APP } from '../mcp/define/app.ts';

/** A page from the build (scripts/pages.ts). */
export function readPage(packageRoot: string, name: 'report' | 'timeline' | 'usage'): Promise<string> {
  return readFile(join(packageRoot, 'dist', 'pages', `${name}.html`), 'utf8');
}

/** The pages that hosts may draw. */
export function apps(packageRoot: string): AppDefinition[] {
  return [
    {
      uri: TIMELINE_APP,
      name: 'timeline',
      title: 'Timeline',
      description: 'What happened, when, and who did it: a lane for each resource.',
      html: () => readPage(packageRoot, 'timeline'),
    },
    {
      uri: USAGE_APP,
      name: 'usage',
      title: 'Usage',
      description: 'What guests, nodes and storages used over time, and when they are full.',
      html: () => readPage(packageRoot, 'usage'),
    },
  ];
}
