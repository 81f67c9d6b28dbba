import type { ClusterState } from '../state.ts';
import { resourceName } from '../truth-state.ts';
import type { Guest, HaGroup, HaRule } from '../types.ts';
import { runGuestTask, setRunning, setStopped } from './act.ts';
import { removeGuest } from './census.ts';

/** Which guests of a returning node are started. */
export interface NodeUpOptions {
  /** `none`; `onboot`: those with `onboot`; `all`: all that were running. Started by root@pam, each by a task. */
  start?: 'none' | 'onboot' | 'all';
}

/** Nodes that die, hang, come back and leave. */
export function nodeMutations(state: ClusterState) {
  const watchCluster = (act: () => void): void => state.truth.watch('cluster', undefined, act);
  const watch = (node: string, act: () => void): void =>
    state.truth.watch(`node/${node}`, undefined, () => watchCluster(act));
  const guestsOn = (node: string): Guest[] => [...state.guests.values()].filter(guest => guest.node === node);
  const startByRoot = (guest: Guest): void => {
    runGuestTask(state, guest, { action: 'start' }, {}, (_, cause) =>
      state.changeGuest(guest, cause, () => setRunning(state, guest)),
    );
  };

  /** The HA manager fences a dead node after a minute and starts its services elsewhere after two. */
  const recover = (node: string, diedAt: number): void => {
    const stillDead = (): boolean => state.nodes.get(node)?.downAt === diedAt && state.quorate();
    const services = guestsOn(node).filter(guest => state.ha.get(guest.vmid)?.state === 'started');
    state.clock.schedule(diedAt + 60_000, () => {
      if (stillDead()) for (const guest of services) state.ha.get(guest.vmid)!.crmState = 'fence';
    });
    state.clock.schedule(diedAt + 120_000, () => {
      const target = [...state.nodes.values()].find(each => each.state === 'online')?.name;
      if (!stillDead() || target === undefined) return;
      for (const guest of services) {
        if (state.guests.get(guest.vmid) !== guest || guest.node !== node) continue;
        state.ha.get(guest.vmid)!.crmState = 'started';
        state.changeGuest(guest, { user: 'root@pam', type: 'ha' }, () => {
          guest.node = target;
          setStopped(guest);
        });
        startByRoot(guest);
      }
    });
  };

  return {
    /**
     * Cuts a node's power: it is `offline` immediately, its tasks end with `unexpected status`, its guests' rows are outdated and
     * after five minutes unknown. Guests under HA are started elsewhere two minutes later unless `haRecovery` is false.
     */
    nodeDown(node: string, options: { haRecovery?: boolean } = {}): void {
      const target = state.node(node);
      if (target.state === 'offline') return;
      const now = state.clock.now();
      state.tasks.abort(node);
      watch(node, () => {
        target.state = 'offline';
        target.downAt = now;
        target.frozenMs = undefined;
      });
      if (options.haRecovery !== false) recover(node, now);
    },

    /** Boots a node. What was running on it is stopped, without any stop task, unless something starts it. */
    nodeUp(node: string, { start = 'none' }: NodeUpOptions = {}): void {
      const target = state.node(node);
      if (target.state === 'online') return;
      watch(node, () => {
        target.state = 'online';
        target.downAt = undefined;
        target.startedAt = state.clock.now() - 45_000;
      });
      const ran = guestsOn(node).filter(guest => guest.status === 'running');
      for (const guest of ran) state.changeGuest(guest, undefined, () => setStopped(guest));
      for (const guest of ran) {
        const ha = state.ha.get(guest.vmid);
        if (ha?.state === 'started') ha.crmState = 'started';
        if (ha?.state === 'started' || start === 'all' || (start === 'onboot' && guest.config.onboot === 1))
          startByRoot(guest);
      }
    },

    /**
     * Makes the API of a node hang (or stop hanging): it is `online` with current rows, but calls forwarded to it end with 596
     * after `delayMs` real milliseconds. Writes among them take effect when it stops hanging.
     */
    nodeFrozen(node: string, frozen = true, delayMs = 0): void {
      const target = state.node(node);
      target.frozenMs = frozen ? delayMs : undefined;
      const received = frozen ? [] : (target.received?.splice(0) ?? []);
      for (const act of received) {
        try {
          act();
        } catch {
          // Nobody waits for its answer any more.
        }
      }
    },

    /** Removes a node from the cluster for good, with the guests that were still on it. */
    removeNode(node: string): void {
      state.node(node);
      state.tasks.abort(node);
      for (const guest of guestsOn(node)) {
        state.guests.delete(guest.vmid);
        state.truth.watchSettings(undefined, () => state.ha.delete(guest.vmid));
        state.truth.note(resourceName(guest), 'deleted');
      }
      watchCluster(() => state.nodes.delete(node));
      state.truth.note(`node/${node}`, 'deleted');
    },

    /** Reinstalls a node under its old name: its guests and tasks are gone without a trace. */
    nodeReinstalled(node: string): void {
      for (const guest of guestsOn(node)) removeGuest(state, guest);
      state.tasks.forget(node);
    },

    /**
     * Takes quorum away, or gives it back: calls are answered by a node that is cut off. Reads still work; `quorate` is 0, the
     * other nodes look offline, and guests that the majority has `made` meanwhile are unknown.
     */
    quorumLoss(lost = true, { made = [] }: { made?: number[] } = {}): void {
      watchCluster(() => {
        state.quorumLost = lost;
      });
      state.madeElsewhere.clear();
      for (const vmid of made) state.madeElsewhere.add(vmid);
    },

    /**
     * Makes a node fail to measure its guests (`qemu status update error`), or stop failing: after five minutes their rows are
     * empty, while its own stays current.
     */
    guestsUnmeasured(node: string, failing = true): void {
      state.node(node).unmeasuredSince = failing ? state.clock.now() : undefined;
    },

    /** `pvecm create`: turns a standalone node into a cluster, with the certificates it had. */
    createCluster(name: string): void {
      state.clusterName = name;
      for (const node of state.nodes.values()) node.id = 1;
    },

    /** Changes the PVE version of a node, as after an upgrade. */
    setNodeVersion(node: string, version: string): void {
      const target = state.node(node);
      watch(node, () => {
        target.version = version;
      });
    },

    /** Puts a node into HA maintenance, or ends that. */
    setMaintenance(node: string, maintenance: boolean): void {
      state.node(node).maintenance = maintenance;
    },

    /** Adds a QDevice with this status, or (null) removes it. */
    setQdevice(status: { [name: string]: string } | null): void {
      state.qdevice = status ?? {};
    },

    /** Replaces the rules of high availability. */
    setHaRules(rules: readonly HaRule[]): void {
      state.truth.watchSettings(undefined, () => {
        state.haRules = [...rules];
      });
    },

    /** Makes it a cluster from before Proxmox VE 9, with groups in place of rules; null: the groups were migrated to rules. */
    setHaGroups(groups: readonly HaGroup[] | null): void {
      state.haGroups = groups === null ? undefined : [...groups];
    },

    /** Sets a node's clock ahead of (or, if negative, behind) the cluster's, in milliseconds. */
    setClockOffset(node: string, ms: number): void {
      state.node(node).clockOffsetMs = ms;
    },
  };
}
