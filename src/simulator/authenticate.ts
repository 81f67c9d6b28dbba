import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error.ts';
import type { Account } from './rights.ts';
import type { ClusterState } from './state.ts';

/** A ticket is valid for two hours. */
const ticketLifeSeconds = 7200;

/**
 * The account behind a call: by the cookie with a ticket, else by API token. A write by ticket also needs the token that protects
 * against cross-site request forgery.
 * @throws PVE's 401
 */
export function authenticate(
  state: ClusterState,
  { headers, method }: { headers: IncomingHttpHeaders; method: string },
  delayMs: number,
): Account {
  const refuse = (reason: string): ApiError => new ApiError(401, reason, { empty: true, delayMs });
  const cookie = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(headers.cookie ?? '')?.[1];
  if (cookie !== undefined) {
    const ticket = decodeURIComponent(cookie);
    const [, user, time] = /^PVE:([^:]+):([0-9A-F]{8})::/.exec(ticket) ?? [];
    const account = user === undefined ? undefined : state.access.get(user);
    const age = state.clock.seconds() - Number.parseInt(time ?? '0', 16);
    if (
      account === undefined ||
      ticket !== makeTicket(account, time!) ||
      age > ticketLifeSeconds ||
      age < -300
    ) {
      throw refuse('permission denied - invalid PVE ticket');
    }
    if (method !== 'GET' && !isCsrfToken(account, String(headers.csrfpreventiontoken)))
      throw refuse('Permission denied - invalid csrf token');
    return account;
  }
  const authorization = headers.authorization ?? '';
  if (!authorization.startsWith('PVEAPIToken=')) throw refuse('No ticket');
  const value = authorization.slice('PVEAPIToken='.length);
  const at = value.lastIndexOf('=');
  const account = at < 0 ? undefined : state.access.get(value.slice(0, at));
  // Both parts are case-sensitive, and a user's password is not a token's secret.
  if (account === undefined || !account.id.includes('!') || account.secret !== value.slice(at + 1)) {
    throw refuse('Authentication failed!');
  }
  return account;
}

/** The answer of `POST /access/ticket`: a ticket, or the challenge for a second factor. */
export function signIn(
  state: ClusterState,
  body: Record<string, string>,
  delayMs: number,
): Record<string, unknown> {
  const username = body.username?.includes('@') ? body.username : `${body.username}@${body.realm ?? 'pam'}`;
  const account = username.includes('!') ? undefined : state.access.get(username);
  const time = state.clock.seconds().toString(16).toUpperCase().padStart(8, '0');
  const refuse = (): ApiError => new ApiError(401, 'authentication failure', { empty: true, delayMs });
  if (account === undefined) throw refuse();
  const challenge = `PVE:!tfa!${username}:${time}::`;
  if (body['tfa-challenge'] !== undefined) {
    const right =
      body.password === `totp:${account.totp}` && body['tfa-challenge'].startsWith(`PVE:!tfa!${username}:`);
    if (!right) throw refuse();
  } else if (body.password !== account.secret) throw refuse();
  else if (account.totp !== undefined) {
    return {
      username,
      ticket: `${challenge}${seal(account, challenge)}`,
      NeedTFA: 1,
      CSRFPreventionToken: `${time}:${seal(account, time)}`,
    };
  }
  const cap = { access: {}, dc: {}, nodes: {}, storage: {}, vms: {} };
  const ticket = makeTicket(account, time);
  const node = [...state.nodes.values()][0]!;
  state.log.add(node, { user: username, msg: `successful auth for user '${username}'` });
  return {
    username,
    ticket,
    CSRFPreventionToken: `${time}:${seal(account, time)}`,
    cap,
    ...(state.clusterName === null ? {} : { clustername: state.clusterName }),
  };
}

function makeTicket(account: Account, time: string): string {
  const head = `PVE:${account.id}:${time}::`;
  return head + seal(account, head);
}

function isCsrfToken(account: Account, token: string): boolean {
  const time = token.split(':')[0]!;
  return token === `${time}:${seal(account, time)}`;
}

/** A simulated cluster can tell its own tickets from wrong ones without cryptography. */
function seal(account: Account, text: string): string {
  return Buffer.from(`${text}|${account.secret}`).toString('base64');
}
