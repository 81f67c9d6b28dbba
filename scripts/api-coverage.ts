import { writeFileSync } from 'node:fs';
import { apiCoverageMarkdown } from '../src/proxmox/index.ts';

writeFileSync(new URL('../docs/proxmox-api-coverage.md', import.meta.url), apiCoverageMarkdown());
