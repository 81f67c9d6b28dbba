/** A page that hosts draw a tool's answers with (MCP Apps), where they say that they can. */
export interface AppDefinition {
  /** `ui://proxmox-mpc/timeline`. */
  uri: string;
  name: string;
  title: string;
  description: string;
  /** The whole page. It asks for nothing: what it shows comes from the host. */
  html: () => Promise<string>;
}

/** The page of what happened and who did it. */
export const TIMELINE_APP = 'ui://proxmox-mpc/timeline';
/** The page of what was used over time. */
export const USAGE_APP = 'ui://proxmox-mpc/usage';
