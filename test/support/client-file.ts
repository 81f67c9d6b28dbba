/** What a client is told to start. */
export interface Server {
  command: string;
  args: string[];
  env: { [variable: string]: string };
}

interface Servers {
  proxmox: Server;
  [name: string]: Server;
}

/** What the file of a client says, as that client reads it: VS Code calls the servers `servers`. */
export function clientFile(text: string): { mcpServers: Servers; servers: Servers } {
  return JSON.parse(text) as { mcpServers: Servers; servers: Servers };
}
