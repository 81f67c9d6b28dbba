import { oneLine, visibleText } from './clean.ts';
import { maskedLine } from './mask.ts';
import { MADE_UP } from './secret-bare.ts';

/**
 * The name of one of our files or options, a colon, and text: `/run/secrets/token: permission denied`. The name does not make
 * what follows a secret, unless that looks like one.
 */
const OF_OURS = new RegExp(
  `((?:(?<![^\\s"'(=])[~.]{0,2}(?:/[\\w.@+~-]{1,100}){2,30}|\\b(?:PROXMOX|DATABASE)_[A-Z_]{1,40}(?: "[^"]{0,200}")?)["']?:[ ]{1,3})(?!${MADE_UP}|[^\\s]{1,200}=)`,
  'iu',
);

/** One of our messages for a log or an error, which may quote the cluster: on a single line, without secrets. */
export function messageText(text: string): string {
  // Besides the parts, `split` keeps the names and an empty group.
  const parts = visibleText(text).split(OF_OURS);
  return parts.map((part = '', at) => (at % GROUPS === 1 ? oneLine(part) : maskedLine(part))).join('');
}

/** Elements that `split` yields per name. */
const GROUPS = 3;
