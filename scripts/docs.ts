import { readFileSync, writeFileSync } from 'node:fs';
import { withSessions } from './desired-doc.ts';
import { generatedFiles, root } from './generated.ts';

for (const [path, text] of generatedFiles()) {
  writeFileSync(`${root}/${path}`, text);
  console.log(path);
}
const guide = `${root}/docs/desired-state.md`;
writeFileSync(guide, await withSessions(readFileSync(guide, 'utf8')));
console.log('docs/desired-state.md');
