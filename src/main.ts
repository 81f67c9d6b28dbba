#!/usr/bin/env node
/*
 * The entry. Nothing else may be loaded before the check: better-sqlite3 crashes the process on an old Node, and old
 * versions do not even parse what stands elsewhere. So this file has no static import, and no newer syntax.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(`proxmox-mpc needs Node.js 22.12 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

const [{ enableCompileCache }, { fileURLToPath }] = await Promise.all([
  import('node:module'),
  import('node:url'),
]);
enableCompileCache();
const { start } = await import('./start.ts');
// The package's root lies above this file, in a checkout (src/) as in the package (dist/).
const code = await start(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
// Idle connections and the client's open pipe would keep the process; all that matters has been written and closed.
process.exit(code);

export {};
