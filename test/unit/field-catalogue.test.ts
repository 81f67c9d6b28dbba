import { expect, test } from 'vitest';
import { FIELDS } from '../../src/model/field-catalogue.ts';
import { allEndpoints } from '../../src/proxmox/index.ts';

test('every field has a source that the client asks', () => {
  const asked = new Set(allEndpoints().map(({ endpoint }) => endpoint.path));
  const sources = FIELDS.flatMap(({ source }) => source.split(', ')).flatMap(path =>
    path.includes('{qemu|lxc}') ? ['qemu', 'lxc'].map(folder => path.replace('{qemu|lxc}', folder)) : [path],
  );
  expect(sources.filter(path => !asked.has(path))).toEqual([]);
});

test('no field of a resource has two sources', () => {
  const names = FIELDS.flatMap(({ resources, path }) => resources.map(resource => `${resource} ${path}`));
  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
});
