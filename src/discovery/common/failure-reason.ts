import type { Reason } from '../../model/reason.ts';
import type { ProxmoxError } from '../../proxmox/proxmox-error.ts';

/** Why something could not be read: the failure of the request that was to bring it. */
export function failureReason({ code, message }: ProxmoxError): Reason {
  return { code: 'failed', error: code, text: message };
}

/** Why a part could not be read: what Proxmox answered instead. */
export function refusalReason({ code, reason }: ProxmoxError): Reason {
  return { code: 'refused', error: code, text: reason };
}

/** Why nobody can say what became of something that a listing lacks: rights are checked before existence. */
export function lostSight(error: ProxmoxError): Reason {
  return error.kind === 'forbidden' ? { code: 'no-right' } : failureReason(error);
}

/** Why a guest that could not be read stays as it was known. */
export function unreadReason(error: ProxmoxError): Reason {
  return error.kind === 'not-found' ? { code: 'gone-while-read' } : failureReason(error);
}
