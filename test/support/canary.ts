/*
 * Every simulated cluster holds planted secrets, and every program under test a token. Whatever the product says in any
 * test is looked through for them: answers of tools in process, and all that the built program writes.
 */

/** Planted by the simulator and by tests, recognisable wherever they turn up. */
const PLANTED = [
  ...[/canary-[\w-]+/i, /canarybearer\w+/i, /notarealhash/, /hunter2/],
  // Those of secret-kinds.ts and secrets.test.ts, whole or in part, and what stands for a secret in the store.
  ...[/canary\/?[A-Z]\w*\d/, /Xk9vQ2mZ7p/, /\(secret~[0-9a-f]{4}\)/],
];
const tokens = new Set<string>();
const leaks: string[] = [];

/** Makes a token (`user@realm!name=secret`) or a bare secret one that must not be seen. */
export function plantSecret(token: string): void {
  tokens.add(token.slice(token.lastIndexOf('=') + 1));
}

/** Forgets the secrets of the test file before: in this one's cluster the same random text may be a VM's uuid. */
export function forgetSecrets(): void {
  tokens.clear();
}

/** Looks through something the product said. */
export function lookForSecrets(where: string, said: string): void {
  for (const pattern of PLANTED) note(where, said, said.search(pattern));
  for (const token of tokens) note(where, said, said.indexOf(token));
}

/** Every secret that was seen since the last call, with the text around it. */
export function takeLeaks(): string[] {
  return leaks.splice(0);
}

function note(where: string, said: string, at: number): void {
  if (at >= 0) leaks.push(`${where}: ...${said.slice(Math.max(0, at - 60), at + 60)}...`);
}
