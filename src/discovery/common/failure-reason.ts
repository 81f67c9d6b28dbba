import type { Reason } from '../../model/reason.ts';
import type { ProxmoxError } from '../../proxmox/proxmox-error.ts';

/** The reason for something unread: the request for it failed. */
export function failureReason({ code, message }: ProxmoxError): Reason {
  return { code: 'failed', error: code, text: message };
}

/** The reason for an unread part: what Proxmox answered instead. */
export function refusalReason({ code, reason }: ProxmoxError): Reason {
  return { code: 'refused', error: code, text: reason };
}

/** The reason why the fate of something missing from a listing is unknown. Proxmox checks rights before existence. */
export function lostSight(error: ProxmoxError): Reason {
  return error.kind === 'forbidden' ? { code: 'no-right' } : failureReason(error);
}

/** The reason why a guest that could not be read keeps its known state. */
export function unreadReason(error: ProxmoxError): Reason {
  return error.kind === 'not-found' ? { code: 'gone-while-read' } : failureReason(error);
}
