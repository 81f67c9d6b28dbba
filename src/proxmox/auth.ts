import { UsageError } from '../errors.ts';
import { oneLine, ProxmoxError } from './proxmox-error.ts';
import { type RawAnswer, refusal } from './refusal.ts';

/** Who asks: an API token `USER@REALM!TOKENID=SECRET`, or a user who logs in with a password for a ticket. */
export type Credentials = { token: string } | { username: string; password: string };

/** Posts the login form to /access/ticket. */
export type Login = (form: Record<string, string>) => Promise<RawAnswer>;

/** Adds to each request the proof of who asks. */
export interface Auth {
  /** Token id or user name; not secret. */
  readonly identity: string;
  headers(login: Login): Promise<Record<string, string>>;
  /** Called after a 401: true if new credentials can be had, so that one more try makes sense. */
  renew(): boolean;
  /** The text with every secret replaced. */
  redact(text: string): string;
}

/** Checks the form of the credentials. @throws UsageError, which never repeats the secret. */
export function createAuth(credentials: Credentials, now: () => number = Date.now): Auth {
  return 'token' in credentials
    ? tokenAuth(credentials.token.trim())
    : ticketAuth(credentials.username.trim(), credentials.password, now);
}

const TOKEN_SHAPE = 'USER@REALM!TOKENID=SECRET, as in root@pam!mpc=12345678-90ab-cdef-1234-567890abcdef';

/** Splits a token into its id and its secret. @throws UsageError saying what is wrong, without the secret. */
export function parseToken(token: string): { id: string; secret: string } {
  const match = /^([^\s:/!=]+@[A-Za-z][A-Za-z0-9._-]+![A-Za-z][A-Za-z0-9._-]*)=(\S+)$/.exec(token);
  if (match?.[1] !== undefined && match[2] !== undefined) return { id: match[1], secret: match[2] };
  throw new UsageError(`The API token is not usable: ${tokenFault(token)}`, {
    hint: `A token has the form ${TOKEN_SHAPE}.`,
  });
}

function tokenFault(token: string): string {
  if (token === '') return 'it is empty';
  if (/^PVEAPIToken=/i.test(token)) return "leave out 'PVEAPIToken='";
  if (/^[0-9a-f-]{36}$/i.test(token)) return 'this looks like the secret alone; the token id goes before it';
  if (/\s/.test(token)) return 'it holds white space';
  if (!token.includes('!')) return "the token id is missing: 'USER@REALM!TOKENID' comes before the '='";
  if (/^[^!=]*![^=:]*:/.test(token)) return "the secret is separated by '=', not by ':'";
  if (!token.includes('=')) return "the secret is missing: it follows the token id after a '='";
  if (token.endsWith('=')) return "the secret after the '=' is empty";
  if (!/^[^!]*@/.test(token)) return "the user's realm is missing, as in root@pam";
  return 'its parts are not in the right order or hold characters Proxmox does not allow';
}

function tokenAuth(token: string): Auth {
  const { id, secret } = parseToken(token);
  return {
    identity: id,
    headers: async () => ({ authorization: `PVEAPIToken=${id}=${secret}` }),
    renew: () => false,
    redact: text => hide(text, secret),
  };
}

/** A ticket is valid for two hours. */
const RENEW_AFTER_MS = 100 * 60_000;

function ticketAuth(username: string, password: string, now: () => number): Auth {
  if (!/^[^\s:/]+@[A-Za-z][A-Za-z0-9._-]+$/.test(username)) {
    throw new UsageError(
      `The user name '${oneLine(username, 100)}' is not usable: it needs its realm, as in root@pam`,
    );
  }
  if (password === '') throw new UsageError('The password is empty');
  let ticket: { value: Promise<string>; since: number } | undefined;
  let secrets = [password];

  const buy = async (login: Login): Promise<string> => {
    const value = readTicket(await login({ username, password }), username);
    secrets = [password, value];
    return value;
  };
  return {
    identity: username,
    async headers(login) {
      if (ticket === undefined || now() - ticket.since > RENEW_AFTER_MS) {
        const mine = { value: buy(login), since: now() };
        ticket = mine;
        mine.value.catch(() => {
          if (ticket === mine) ticket = undefined;
        });
      }
      return { cookie: `PVEAuthCookie=${encodeURIComponent(await ticket.value)}` };
    },
    renew() {
      ticket = undefined;
      return true;
    },
    redact: text => secrets.reduce(hide, text),
  };
}

function readTicket(answer: RawAnswer, username: string): string {
  const path = '/access/ticket';
  if (answer.status !== 200) throw refusal(path, answer, username);
  let data: { ticket?: unknown; NeedTFA?: unknown } | null | undefined;
  try {
    data = (JSON.parse(answer.body) as { data?: typeof data }).data;
  } catch {
    // No ticket, as reported below.
  }
  const value = data?.ticket;
  if (typeof value !== 'string' || value === '') {
    throw new ProxmoxError('bad-answer', `The answer to the login of ${username} holds no ticket`, { path });
  }
  if (data?.NeedTFA || value.startsWith('PVE:!tfa!')) {
    throw new ProxmoxError(
      'unauthorized',
      `${username} logs in with a second factor, which cannot be given here`,
      {
        path,
        hint: `Use an API token, which needs none: 'pveum user token add ${username} mpc --privsep 1' on a node.`,
      },
    );
  }
  return value;
}

function hide(text: string, secret: string): string {
  return text.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***');
}
