/** A page that hosts use to draw a tool's answers (MCP Apps), if they say that they can. */
export interface AppDefinition {
  /** `ui://proxmox-mpc/timeline`. */
  uri: string;
  name: string;
  title: string;
  description: string;
  /** The whole page. It loads nothing: what it shows comes from the host. */
  html: () => Promise<string>;
}

/** The page that shows what happened and who did it. */
export const TIMELINE_APP = 'ui://proxmox-mpc/timeline';
/** The page that shows usage over time. */
export const USAGE_APP = 'ui://proxmox-mpc/usage';
