#!/usr/bin/env node
/*
 * The entry. Nothing else may be loaded before the check: better-sqlite3 is built for Node-API 10 and crashes the process
 * where there is none, which is before 22.14 and from 23.0 to 23.5; and what is older still does not even parse what
 * stands elsewhere. So this file has no static import, and no newer syntax.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 14) || (major === 23 && minor < 6)) {
  process.stderr.write(
    `proxmox-mpc needs Node.js 22.14 or newer (of 23, 23.6 or newer); this is ${process.versions.node}.\n`,
  );
  process.exit(1);
}

const [{ enableCompileCache }, { fileURLToPath }] = await Promise.all([
  import('node:module'),
  import('node:url'),
]);
enableCompileCache();
const { start } = await import('./app/start.ts');
// The package's root is above this file, in a checkout (src/) as well as in the package (dist/).
const code = await start(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
// Idle connections and the client's open pipe would keep the process alive; everything that matters has been written and closed.
process.exit(code);

export {};
