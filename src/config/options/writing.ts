import { APPROVAL_MODES, WRITE_KINDS } from '../../model/writing.ts';
import { secretFile, writeKind, writeScope } from '../formats.ts';
import { list, oneOf, option, parsed, text } from '../option.ts';

/** What may be written, and who says so. */
export const WRITING_OPTIONS = {
  writeTokenId: option({
    group: 'Writing',
    env: ['PROXMOX_WRITE_TOKEN_ID'],
    placeholder: 'user@realm!name',
    schema: text,
    fallback: 'none: nothing is ever written, and `apply_plan` is not there',
    help: 'A second API token, with which plans that were approved are carried out; reading keeps its own. `proxmox-mpc init --write` prints how to make it.',
    example: 'mcp@pve!write',
  }),
  writeTokenSecret: option({
    group: 'Writing',
    env: ['PROXMOX_WRITE_TOKEN_SECRET'],
    placeholder: 'secret',
    schema: text,
    fallback: 'none',
    help: 'Secret of the token named by PROXMOX_WRITE_TOKEN_ID.',
    example: '12345678-90ab-cdef-1234-567890abcdef',
    secret: true,
  }),
  writeTokenSecretFile: option({
    group: 'Writing',
    env: ['PROXMOX_WRITE_TOKEN_SECRET_FILE'],
    placeholder: 'file',
    schema: parsed(secretFile),
    fallback: 'none',
    help: 'File that holds the secret of the token named by PROXMOX_WRITE_TOKEN_ID.',
    example: '/run/secrets/proxmox-write-token',
    secretFile: true,
  }),
  write: option({
    group: 'Writing',
    env: ['PROXMOX_MPC_WRITE'],
    placeholder: 'kinds',
    schema: list(writeKind),
    fallback: 'tags,notes,options',
    help: `Kinds of change that plans may carry out, separated by commas: ${WRITE_KINDS.join(', ')}. What each means: docs/applying.md.`,
    example: 'tags,notes,options,memory',
  }),
  writeOnly: option({
    group: 'Writing',
    env: ['PROXMOX_MPC_WRITE_ONLY'],
    placeholder: 'tag:NAME|pool:NAME',
    schema: parsed(writeScope),
    fallback: 'every guest without the tag mpc-locked',
    help: 'Write only to guests with this tag, or in this pool. No plan can set or remove it.',
    example: 'tag:lab',
  }),
  approval: option({
    group: 'Writing',
    env: ['PROXMOX_MPC_APPROVAL'],
    placeholder: APPROVAL_MODES.join('|'),
    schema: oneOf(...APPROVAL_MODES),
    fallback: 'person',
    help: "Who says yes to a plan: `person` is shown its steps and asked, by the client or by `proxmox-mpc approve`; `host` trusts the host's own prompt for the tool call.",
    example: 'person',
  }),
};
