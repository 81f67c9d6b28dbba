import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints/index.ts';

/** Every declared endpoint with its name in code, such as `cluster.resources`. */
export function allEndpoints(): { name: string; endpoint: Endpoint<string, string, unknown> }[] {
  return Object.entries(endpoints).flatMap(([topic, group]) =>
    Object.entries(group as Record<string, Endpoint<string, string, unknown>>).map(([name, endpoint]) => ({
      name: `${topic}.${name}`,
      endpoint,
    })),
  );
}

/** docs/proxmox-api-coverage.md, written from the declarations. */
export function apiCoverageMarkdown(): string {
  const rows = allEndpoints()
    .toSorted((a, b) => (a.endpoint.path < b.endpoint.path ? -1 : 1))
    .map(({ endpoint }) =>
      [
        `\`GET ${endpoint.path}\``,
        endpoint.query.map(name => `\`${name}\``).join(' '),
        endpoint.facet === 'none' ? '' : endpoint.facet,
        endpoint.privilege.replaceAll('|', '\\|'),
        endpoint.doc,
      ].join(' | '),
    );
  return `# Proxmox API coverage

Every call the client knows, generated from \`src/proxmox/endpoints\`. All are reads; with a user name and password
instead of an API token there is also \`POST /access/ticket\`, which logs in.

A privilege of \`-\` means that any valid token gets an answer, limited to what it may see.

| Call | Parameters | Facet | Privilege | Answer |
|---|---|---|---|---|
${rows.map(row => `| ${row} |`).join('\n')}
`;
}
