import { expect, test } from 'vitest';
import { FIELDS } from '../../../src/model/field-catalogue.ts';
import { NAMED_FIELDS } from '../../../src/model/field-names.ts';
import { allEndpoints } from '../../../src/proxmox/index.ts';

test('every field has a source that is asked for its facet', () => {
  const asked = new Map(allEndpoints().map(({ endpoint }) => [endpoint.path, endpoint.facet]));
  const paths = (source: string) =>
    source.split(', ').flatMap(path => ['qemu', 'lxc'].map(folder => path.replace('{qemu|lxc}', folder)));
  const wrong = FIELDS.filter(({ source, facet }) => paths(source).some(path => asked.get(path) !== facet));
  expect(wrong).toEqual([]);
});

test('no field of a resource has two sources', () => {
  const names = FIELDS.flatMap(({ resources, path }) => resources.map(resource => `${resource} ${path}`));
  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
});

test('every field by name is one that has a source, and no name means two', () => {
  const paths = new Set(FIELDS.flatMap(({ resources, path }) => resources.map(one => `${one} ${path}`)));
  const without = NAMED_FIELDS.flatMap(({ name, path, resources }) =>
    resources.filter(one => path !== null && !paths.has(`${one} ${path}`)).map(one => `${one} ${name}`),
  );
  expect(without).toEqual([]);
  const names = NAMED_FIELDS.flatMap(({ name, aliases = [], resources }) =>
    [name, ...aliases].flatMap(one => resources.map(resource => `${resource} ${one}`)),
  );
  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
});
