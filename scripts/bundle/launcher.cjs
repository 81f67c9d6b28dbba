'use strict';
/*
 * The entry of the bundle. A host may start it with a Node.js of its own, with arguments of its own. Where that Node.js can
 * load the database's addon the server runs in it; where it cannot (too old, or a host that refuses code it has not signed
 * itself, as on macOS) the user's own Node.js runs it. No newer syntax than Node.js 12 has: nothing else may be loaded
 * before the version is known, because the addon crashes what is too old for it.
 */
const { spawn, spawnSync } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const { homedir } = require('node:os');
const { delimiter, join } = require('node:path');
const { pathToFileURL } = require('node:url');

const PROGRAM = join(__dirname, 'dist', 'proxmox-mpc.js');
// What a host adds is its own business: a strict command line would refuse it.
const ARGUMENTS = ['serve', '--demo-unless-configured'];
const WINDOWS = process.platform === 'win32';
const NEEDED = 'Node.js 22.14 or newer (of 23, 23.6 or newer)';

/** Whether a version can load the addon. */
function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > 23 || (major === 22 && minor >= 14) || (major === 23 && minor >= 6);
}

/** Why this process cannot run the server; null where it can. */
function hindrance() {
  if (!isNewEnough(process.versions.node)) return `is Node.js ${process.versions.node}`;
  try {
    const Database = require('better-sqlite3');
    new Database(':memory:').close();
    return null;
  } catch (error) {
    return `refuses the database's addon (${String(error.message).split('\n')[0].slice(0, 160)})`;
  }
}

/** Where the user's Node.js may be, in the order of trying. */
function candidates() {
  const home = homedir();
  const name = WINDOWS ? 'node.exe' : 'node';
  const versions = (folder, ...rest) =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map(version => join(folder, version, ...rest, name));
  const folders = (process.env.PATH || '').split(delimiter).filter(folder => folder !== '');
  return [
    ...folders.map(folder => join(folder, name)),
    ...(WINDOWS
      ? [join(process.env.ProgramFiles || 'C:\\Program Files', 'nodejs', name)]
      : ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', join(home, '.volta', 'bin')].map(folder =>
          join(folder, name),
        )),
    ...versions(join(home, '.nvm', 'versions', 'node'), 'bin'),
    ...versions(join(home, '.local', 'share', 'fnm', 'node-versions'), 'installation', 'bin'),
    ...versions(join(home, '.asdf', 'installs', 'nodejs'), 'bin'),
    ...versions(join(home, '.local', 'share', 'mise', 'installs', 'node'), 'bin'),
  ];
}

/** The first of them that is new enough and loads the addon. */
function usersNode() {
  const probe = 'new (require("better-sqlite3"))(":memory:").close(); process.stdout.write(process.version)';
  for (const path of new Set(candidates())) {
    if (!existsSync(path)) continue;
    const version = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5000 });
    if (version.status !== 0 || !isNewEnough(version.stdout.trim())) continue;
    const tried = spawnSync(path, ['-e', probe], { cwd: __dirname, encoding: 'utf8', timeout: 5000 });
    if (tried.status === 0) return path;
  }
  return null;
}

function runWith(node) {
  const child = spawn(node, [PROGRAM, ...ARGUMENTS], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', error => refuse(`${node} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
}

/** Says on stderr why nothing runs, and to the host's first request, whose answer people see. */
function refuse(why) {
  const message = `${why} Install ${NEEDED} from https://nodejs.org and start this host again.`;
  process.stderr.write(`proxmox-mpc: ${message}\n`);
  let input = '';
  const end = () => process.exit(1);
  process.stdin.setEncoding('utf8');
  process.stdin.on('end', end);
  process.stdin.on('data', chunk => {
    input += chunk;
    if (!input.includes('\n')) return;
    try {
      const { id } = JSON.parse(input.slice(0, input.indexOf('\n')));
      process.stdout.write(
        `${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32603, message } })}\n`,
        end,
      );
    } catch {
      end();
    }
  });
}

const why = hindrance();
if (why === null) {
  process.argv = [process.argv[0], PROGRAM, ...ARGUMENTS];
  void import(pathToFileURL(PROGRAM).href);
} else {
  const node = usersNode();
  if (node === null) refuse(`The Node.js of this host ${why}, and no other one was found on this machine.`);
  else {
    process.stderr.write(`proxmox-mpc: the Node.js of this host ${why}; ${node} runs the server instead.\n`);
    runWith(node);
  }
}
