import { writeFileSync } from 'node:fs';
import { generatedFiles, root } from './generated.ts';

for (const [path, text] of generatedFiles()) {
  writeFileSync(`${root}/${path}`, text);
  console.log(path);
}
