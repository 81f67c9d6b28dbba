import { isTemplate } from '../guest-facts.ts';
import { withPart } from '../property-string.ts';
import type { ClusterState } from '../state.ts';
import type { ConfigValue, Guest, HaPassingState } from '../types.ts';
import { containerKeys } from '../writes/ct-keys.ts';
import { mountKey } from '../writes/disks.ts';
import { ruleOf } from '../writes/keys.ts';
import { vmKeys } from '../writes/vm-keys.ts';
import { type By, root, runGuestTask, type TaskOptions } from './act.ts';

/** The values an edit sets; null removes the key. */
export type ConfigChanges = Record<string, ConfigValue | null>;

/** VM keys that PVE stores as strings though they look like numbers. */
const stringKeys = /^(memory|agent|cpulimit|startup|name|description|tags)$/;

/** Editing guests' configs. */
export function configMutations(state: ClusterState) {
  /** Guests with a task that is turning or has turned them into a template: PVE refuses a second one. */
  const templating = new WeakSet<object>();
  const editConfig = (
    vmid: number,
    changes: ConfigChanges,
    options: TaskOptions & { task?: boolean } = {},
  ): string | undefined => {
    const guest = state.guest(vmid);
    const user = options.user ?? root;
    const log = (): void => {
      // Only VMs get a line in the cluster log: pve-container writes none.
      if (guest.type === 'qemu')
        state.log.add(state.node(guest.node), { user, msg: `update VM ${vmid}: ${asParameters(changes)}` });
    };
    if (options.task && guest.type === 'qemu') {
      log();
      return runGuestTask(
        state,
        guest,
        { action: 'config', log: [`update VM ${vmid}: ${asParameters(changes)}`] },
        options,
        (_, cause) => state.changeGuest(guest, cause, () => edit(guest, changes)),
      );
    }
    state.changeGuest(guest, { user, type: 'update' }, () => edit(guest, changes));
    log();
    return undefined;
  };

  const setPoolComment = (pool: string, comment: string, by: By = {}): void => {
    state.truth.watchSettings({ user: by.user ?? root, type: 'update' }, () =>
      state.pools.set(pool, comment === '' ? {} : { comment }),
    );
  };

  return {
    /**
     * Edits a config as `PUT .../config` does: no task unless `task` is set (VMs only), a cluster log line for VMs.
     * A running guest keeps what needs a restart as pending. Values as PVE takes them; null removes a key.
     */
    editConfig,

    /** Changes a part of a property string: `editProperty(101, 'net0', 'tag', '20')`; undefined removes it. */
    editProperty(vmid: number, key: string, part: string, value: string | undefined, by: By = {}): void {
      const current = state.guest(vmid).config[key];
      if (current === undefined) throw new Error(`guest ${vmid} has no ${key}`);
      editConfig(vmid, { [key]: withPart(current, part, value) }, by);
    },

    /** Grows a disk by a task, like `PUT .../resize`: `resize(101, 'scsi0', '64G')`. */
    resize(vmid: number, key: string, size: string, options: TaskOptions = {}): string {
      const guest = state.guest(vmid);
      const user = options.user ?? root;
      const kind = guest.type === 'qemu' ? 'VM' : 'CT';
      return runGuestTask(state, guest, { action: 'resize' }, options, (_, cause) => {
        const msg = `update ${kind} ${vmid}: resize --disk ${key} --size ${size}`;
        state.log.add(state.node(guest.node), { user, msg });
        state.changeGuest(guest, cause, () => {
          guest.config[key] = withPart(guest.config[key]!, 'size', size);
        });
      });
    },

    /** Renames the guest (null: no name). */
    rename(vmid: number, name: string | null, by: By = {}): void {
      editConfig(vmid, { [state.guest(vmid).type === 'qemu' ? 'name' : 'hostname']: name }, by);
    },

    /** Replaces the guest's tags. */
    setTags(vmid: number, tags: readonly string[], by: By = {}): void {
      editConfig(vmid, { tags: tags.length === 0 ? null : tags.join(';') }, by);
    },

    /** Moves the guest into a pool, which is created if needed; null takes it out. Leaves neither task nor log line. */
    setPool(vmid: number, pool: string | null, by: By = {}): void {
      const guest = state.guest(vmid);
      if (pool !== null && !state.pools.has(pool)) setPoolComment(pool, '', by);
      state.changeGuest(guest, { user: by.user ?? root, type: 'update' }, () => {
        if (pool === null) delete guest.pool;
        else guest.pool = pool;
      });
    },

    /** Removes a pool, but not its guests. */
    removePool(pool: string, by: By = {}): void {
      for (const guest of state.guests.values()) {
        if (guest.pool !== pool) continue;
        state.changeGuest(guest, { user: by.user ?? root, type: 'update' }, () => {
          delete guest.pool;
        });
      }
      state.truth.watchSettings({ user: by.user ?? root, type: 'update' }, () => state.pools.delete(pool));
    },

    /** Creates a pool, or changes its comment (`''`: none). Leaves neither task nor log line. */
    setPoolComment,

    /** Sets or (null) removes an option of the datacenter. Leaves neither task nor log line. */
    setOption(name: string, value: string | null, by: By = {}): void {
      state.truth.watch('cluster', { user: by.user ?? root, type: 'update' }, () => {
        if (value === null) delete state.options[name];
        else state.options[name] = value;
      });
    },

    /** Turns a stopped guest into a template: `qmtemplate`/`vztemplate`. */
    convertToTemplate(vmid: number, options: TaskOptions = {}): string {
      const guest = state.guest(vmid);
      if (isTemplate(guest)) throw new Error(`guest ${vmid} is a template already`);
      if (guest.status === 'running') throw new Error(`guest ${vmid} runs: stop it first`);
      if (templating.has(guest)) throw new Error(`guest ${vmid} is becoming a template already`);
      const begin = () => templating.add(guest);
      return runGuestTask(state, guest, { action: 'template', begin }, options, (_, cause) =>
        state.changeGuest(guest, cause, () => {
          guest.config.template = 1;
          for (const [key, value] of Object.entries(guest.config)) {
            if (/^(scsi|virtio|sata|rootfs)\d*$/.test(key))
              guest.config[key] = String(value).replace(/:(\d+\/)?(vm|subvol)-/, ':$1base-');
          }
        }),
      );
    },

    /** Replaces the raw lines of a container's config file, as with an editor on its node. */
    setRawLines(vmid: number, lines: [key: string, value: string][]): void {
      state.guest(vmid).lxc = lines;
    },

    /** Sets whether the guest agent inside a VM answers. */
    setAgentAnswers(vmid: number, answers: boolean): void {
      state.guest(vmid).agentAnswers = answers;
    },

    /** Puts a guest under high availability, changes the requested state, or (null) takes it out. No task. */
    setHa(vmid: number, wanted: 'started' | 'stopped' | 'ignored' | null, by: By = {}): void {
      const guest = state.guest(vmid);
      const cause = { user: by.user ?? root, type: 'update' };
      const set = () => {
        if (wanted === null) {
          state.ha.delete(vmid);
          return;
        }
        const sid = `${guest.type === 'qemu' ? 'vm' : 'ct'}:${vmid}`;
        state.ha.set(vmid, { ...state.ha.get(vmid), sid, vmid, state: wanted, crmState: wanted });
      };
      state.truth.watchSettings(cause, () => state.changeGuest(guest, cause, set));
    },

    /** Puts a resource into one of the HA manager's temporary states, or (undefined) into the requested one. */
    haPasses(vmid: number, passing: HaPassingState | undefined): void {
      const ha = state.ha.get(vmid);
      if (ha === undefined) throw new Error(`guest ${vmid} is not under high availability`);
      ha.crmState = passing ?? ha.state;
    },
  };
}

function edit(guest: Guest, changes: ConfigChanges): void {
  for (const [key, wanted] of Object.entries(changes)) {
    const value = wanted === null ? null : normal(guest, key, wanted);
    if (guest.status !== 'running' || !waitsForRestart(guest, key, value)) {
      guest.pending.delete(key);
      if (value === null) delete guest.config[key];
      else guest.config[key] = value;
    } else if (value === (guest.config[key] ?? null)) guest.pending.delete(key);
    else guest.pending.set(key, value === null ? { delete: 1 } : { value });
  }
}

/** Whether a running guest keeps the change of a key pending; devices are plugged. */
function waitsForRestart({ type, config }: Guest, key: string, value: ConfigValue | null): boolean {
  if (type === 'qemu' && key === 'balloon') return !(Number(config.balloon) > 0 && Number(value) > 0);
  const rule = ruleOf(type === 'qemu' ? vmKeys : containerKeys, key);
  if (rule === undefined || rule.live) return type === 'lxc' && mountKey.test(key);
  return type === 'lxc' || !/^(net|scsi|virtio|ide|sata|unused)\d+$/.test(key);
}

/** As stored by PVE: tags sorted, some numbers of VMs as strings. */
function normal(guest: Guest, key: string, value: ConfigValue): ConfigValue {
  if (key === 'tags') {
    const tags = String(value).split(/[;, ]+/);
    return [...new Set(tags.filter(tag => tag !== ''))].sort().join(';');
  }
  return guest.type === 'qemu' && stringKeys.test(key) ? String(value) : value;
}

function asParameters(changes: ConfigChanges): string {
  const removed = Object.keys(changes).filter(key => changes[key] === null);
  const parts = Object.entries(changes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [key, key === 'cipassword' ? '<hidden>' : value] as const);
  if (removed.length > 0) parts.push(['delete', removed.join(',')]);
  return parts
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `-${key} ${value}`)
    .join(' ');
}
