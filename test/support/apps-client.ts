import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { PROGRAM } from './program.ts';

/** What a host says that draws pages. */
export const DRAWS = {
  extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
};

/** A client of the built program. Whoever asks closes it. */
export async function connectClient(env: NodeJS.ProcessEnv, capabilities: object = {}): Promise<Client> {
  const client = new Client({ name: 'host', version: '1' }, { capabilities });
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [PROGRAM, 'serve'],
      env: given as Record<string, string>,
      stderr: 'ignore',
    }),
  );
  return client;
}
