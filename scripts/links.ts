import { join } from 'node:path';
import { cursorLink, vscodeLink } from './bundle/links.ts';
import { root } from './generated.ts';

/* Prints links that make VS Code and Cursor add this checkout's build: open one in a browser. */
const start = {
  command: process.execPath,
  args: [join(root, 'dist', 'proxmox-mpc.js'), 'serve', '--demo-unless-configured'],
};
console.log(`VS Code: ${vscodeLink(start)}\n\nCursor: ${cursorLink(start)}`);
