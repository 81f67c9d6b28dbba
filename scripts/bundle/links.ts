import { askedInputs, askedVariables } from './manifests.ts';

/** How the program is started: from the published package, or from a checkout's build. */
export interface Start {
  command: string;
  args: string[];
}

/** The package from its registry. */
export const PUBLISHED: Start = {
  command: 'npx',
  args: ['-y', 'proxmox-mpc', 'serve', '--demo-unless-configured'],
};

/** A link that makes VS Code add the server: it asks for the values and keeps the secret. */
export function vscodeLink(start: Start): string {
  const server = {
    name: 'proxmox',
    type: 'stdio',
    ...start,
    env: askedVariables(name => `\${input:${name}}`),
    inputs: askedInputs().map(({ id, title, description, secret }) => ({
      type: 'promptString',
      id,
      description: `${title}. ${description}`,
      ...(secret && { password: true }),
    })),
  };
  return `vscode:mcp/install?${encodeURIComponent(JSON.stringify(server))}`;
}

/** The same link in a form that GitHub shows as a link. */
export function vscodeWebLink(start: Start): string {
  return `https://insiders.vscode.dev/redirect?url=${encodeURIComponent(vscodeLink(start))}`;
}

/** A link that makes Cursor add the server: it takes the values from the environment it was started in. */
export function cursorLink(start: Start, base = 'cursor://anysphere.cursor-deeplink/mcp/install'): string {
  const server = {
    ...start,
    // biome-ignore lint/style/useTemplate: Cursor's own variable
    env: Object.fromEntries(Object.keys(askedVariables(String)).map(name => [name, '${env:' + name + '}'])),
  };
  const config = Buffer.from(JSON.stringify(server)).toString('base64');
  return `${base}?name=proxmox&config=${encodeURIComponent(config)}`;
}

/** The same link in a form that GitHub shows as a link. */
export function cursorWebLink(start: Start): string {
  return cursorLink(start, 'https://cursor.com/en/install-mcp');
}
