import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version in the package's package.json. */
export function packageVersion(packageRoot: string): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
