import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedFiles, root } from '../../scripts/generated.ts';

test.each([...generatedFiles()])('%s is what `npm run docs` writes', (path, text) => {
  expect(readFileSync(`${root}/${path}`, 'utf8')).toBe(text);
});
