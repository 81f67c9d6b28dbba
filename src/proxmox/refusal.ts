import { nodeOfPath, oneLine, ProxmoxError, type ProxmoxErrorKind } from './proxmox-error.ts';

/** An HTTP answer as received, with its body decompressed and decoded. */
export interface RawAnswer {
  status: number;
  reason: string;
  location: string | undefined;
  body: string;
}

/** The error for an answer with a status other than 200. `identity` is who asks (a token id, never a secret). */
export function refusal(path: string, answer: RawAnswer, identity: string): ProxmoxError {
  const said = parseBody(answer.body);
  const reason = oneLine(answer.reason || said.message || 'no reason given');
  const kind = kindOf(answer.status, reason, said.errors);
  const node = nodeOfPath(path);
  const complaints = Object.entries(said.errors ?? {}).map(([name, text]) => `${name}: ${text}`);
  const what = complaints.length > 0 ? `${reason} ${oneLine(complaints.join('; '))}` : reason;
  return new ProxmoxError(kind, `GET ${path} failed: ${answer.status} ${what}`, {
    status: answer.status,
    reason,
    path,
    node,
    errors: said.errors,
    hint: hintOf(kind, answer, reason, node, identity),
  });
}

function kindOf(
  status: number,
  reason: string,
  errors: Readonly<Record<string, string>> | undefined,
): ProxmoxErrorKind {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 501) return 'not-implemented';
  if (status >= 595 && status <= 599) return 'node-unreachable';
  if (status === 400 && errors?.upid === 'no such task') return 'not-found';
  if (status === 400 && /^no such job/i.test(errors?.id ?? '')) return 'not-found';
  if (status === 400) return errors?.vmid?.includes('already exists') ? 'taken' : 'bad-request';
  // A newer version has this elsewhere.
  if (status === 500 && reason.includes('groups have been migrated to rules')) return 'not-implemented';
  // PVE has no 404: what does not exist, or has moved to another node, is a 500 with these words.
  if (status === 500 && /does not exist|^no such (?:resource|(?:ha )?rule|ha group)\b/i.test(reason))
    return 'not-found';
  if (status === 500 && reason.startsWith('hostname lookup')) return 'node-unreachable';
  if (status >= 300 && status < 400) return 'bad-answer';
  return status >= 400 ? 'server' : 'bad-answer';
}

function hintOf(
  kind: ProxmoxErrorKind,
  answer: RawAnswer,
  reason: string,
  node: string | undefined,
  identity: string,
): string | undefined {
  const user = identity.split('!')[0];
  switch (kind) {
    case 'unauthorized':
      return identity.includes('!')
        ? `Check the id and the secret of the token ${identity}: 'pveum user token list ${user}' on a node shows whether it exists and has not expired. A secret is shown only once; a lost one needs a new token.`
        : `Check the user name, realm and password of ${identity}, and that the account is enabled and has not expired ('pveum user list').`;
    case 'forbidden':
      return forbiddenHint(reason, identity);
    case 'not-found':
      return 'It may have been deleted, migrated to another node, or be of the other guest type.';
    case 'node-unreachable':
      return `The node that answered could not reach ${node ?? 'the node'}: it is down, hangs, or its name is wrong. On it check 'systemctl status pveproxy pvedaemon' and the cluster network.`;
    case 'not-implemented':
      return 'This version of Proxmox VE does not know this call.';
    case 'bad-request':
    case 'taken':
      return 'This version of Proxmox VE does not accept these parameters.';
    case 'bad-answer':
      return answer.location === undefined
        ? 'Is this a Proxmox VE API? Its address looks like https://HOST:8006.'
        : `Redirects are not followed${originOf(answer.location)}. Give the address of the Proxmox API itself, such as https://HOST:8006.`;
    default:
      return answer.status >= 502 && answer.status <= 504
        ? 'A proxy in front of Proxmox answered this: check that it reaches port 8006.'
        : undefined;
  }
}

/** Names the missing privilege and the command that grants it. */
function forbiddenHint(reason: string, identity: string): string {
  const [, path = '/', privileges] = /\((\/[^,]*),\s*([^)]+)\)/.exec(reason) ?? [];
  if (privileges === undefined) {
    return reason.includes('ticket')
      ? 'This call refuses API tokens.'
      : `${identity} lacks a privilege for this; PVEAuditor on / shows most things: ${grant('/', 'PVEAuditor', identity)}`;
  }
  const wanted = privileges.split('|').map(name => name.trim());
  const audit = wanted.find(name =>
    /^(VM|Sys|Datastore|Pool|SDN|Mapping)\.Audit$|^VM\.GuestAgent\.Audit$/.test(name),
  );
  const role = audit === undefined ? 'MpcExtra' : 'PVEAuditor';
  const create = audit === undefined ? `pveum role add MpcExtra --privs ${wanted[0]} && ` : '';
  const separated = identity.includes('!')
    ? ' With privilege separation the user needs it as well as the token.'
    : '';
  return `${identity} lacks ${wanted.join(' or ')} on ${path}. Grant it with: ${create}${grant(path, role, identity)}.${separated}`;
}

function grant(path: string, role: string, identity: string): string {
  return `pveum acl modify ${path} --roles ${role} ${identity.includes('!') ? '--tokens' : '--users'} '${identity}'`;
}

/** Only the origin of a redirect's target: its path or query could contain anything. */
function originOf(location: string): string {
  return URL.canParse(location) ? ` (it leads to ${new URL(location).origin})` : '';
}

function parseBody(body: string): { message?: string; errors?: Record<string, string> } {
  if (!body.startsWith('{')) return {};
  try {
    const { message, errors } = JSON.parse(body) as { message?: unknown; errors?: unknown };
    return {
      ...(typeof message === 'string' ? { message } : {}),
      ...(typeof errors === 'object' && errors !== null
        ? {
            errors: Object.fromEntries(
              Object.entries(errors).map(([name, text]) => [name, oneLine(String(text))]),
            ),
          }
        : {}),
    };
  } catch {
    return {};
  }
}
