import { ApiError } from '../api-error.ts';
import { digestOf } from '../digest.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { ClusterState } from '../state.ts';
import type { FirewallRule } from '../types.ts';
import { guestCheck } from './guests.ts';

const check = { on: '/vms/{vmid}', privileges: ['VM.Config.Network'] };
const digest = { maxLength: 40 } as const;
const flag = { type: 'boolean' } as const;
const details = { enable: flag, comment: {}, proto: {}, dport: {}, sport: {}, source: {}, dest: {}, digest };
const initial: FirewallRule = {
  type: 'in',
  action: 'ACCEPT',
  proto: 'tcp',
  dport: '22',
  comment: 'ssh',
  enable: 1,
};

/**
 * A guest's firewall. Rules are read from the cluster file system by the node that is asked: that works while the guest's
 * node is dead.
 */
export const firewallRoutes: Route[] = (['qemu', 'lxc'] as const).flatMap((type): Route[] => {
  const base = `/nodes/{node}/${type}/{vmid}/firewall`;
  return [
    {
      path: `${base}/options`,
      forwarded: true,
      check: guestCheck,
      answer: ({ state, path }) => ({ enable: 1, digest: fileDigest(state, Number(path.vmid)) }),
    },
    {
      method: 'PUT',
      path: `${base}/options`,
      forwarded: true,
      check,
      parameters: {
        rules: { enable: flag, dhcp: flag, macfilter: flag, ipfilter: flag, delete: {}, digest },
      },
      answer: request => {
        checkDigest(request);
        return null;
      },
    },
    {
      path: `${base}/rules`,
      check: guestCheck,
      answer: ({ state, path }) => {
        const vmid = Number(path.vmid);
        return rulesOf(state, vmid).map((rule, pos) => ({ pos, ...rule, digest: fileDigest(state, vmid) }));
      },
    },
    {
      // A new rule is put first and disabled by default, whatever position is requested. Digests are ignored.
      method: 'POST',
      path: `${base}/rules`,
      check,
      parameters: {
        rules: {
          type: { enum: ['in', 'out', 'group'], required: true },
          action: { required: true },
          pos: { type: 'integer' },
          ...details,
        },
      },
      answer: ({ state, path, body }) => {
        const { type: direction, action, enable, pos: _, digest: __, ...others } = body;
        const rule = {
          ...others,
          type: direction as 'in',
          action: action!,
          enable: enable === '1' ? 1 : 0,
        } as const;
        const vmid = Number(path.vmid);
        state.firewallRules.set(vmid, [rule, ...rulesOf(state, vmid)]);
        return null;
      },
    },
    {
      method: 'PUT',
      path: `${base}/rules/{pos}`,
      check,
      parameters: { rules: { type: {}, action: {}, moveto: { type: 'integer' }, delete: {}, ...details } },
      answer: request => {
        checkDigest(request);
        const { digest: _, enable, ...changes } = request.body;
        const flagged = enable === undefined ? {} : { enable: enable === '1' ? 1 : 0 };
        const vmid = Number(request.path.vmid);
        const rules = rulesOf(request.state, vmid).map((rule, pos) =>
          pos === Number(request.path.pos) ? ({ ...rule, ...changes, ...flagged } as FirewallRule) : rule,
        );
        request.state.firewallRules.set(vmid, rules);
        return null;
      },
    },
  ];
});

function rulesOf(state: ClusterState, vmid: number): FirewallRule[] {
  return state.firewallRules.get(vmid) ?? [initial];
}

function fileDigest(state: ClusterState, vmid: number): string {
  return digestOf([vmid, rulesOf(state, vmid)]);
}

function checkDigest({ state, path, body }: ApiRequest): void {
  if (body.digest !== undefined && body.digest !== fileDigest(state, Number(path.vmid)))
    throw new ApiError(500, 'detected modified configuration - file changed by other user? Try again.');
}
