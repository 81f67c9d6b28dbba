import { DEFAULT_PARTS } from '../../../model/property-string.ts';
import type { ViewDialect } from '../view-dialect.ts';

/** `net` of `net0`. */
export const familyOf = (key: string): string => `rtrim(${key}, '0123456789')`;

/** The condition that a key belongs to one of these families (such as disks), with or without a number. */
export function isOfFamily(key: string, families: readonly string[]): string {
  return `${familyOf(key)} IN (${families.map(family => `'${family}'`).join(', ')})`;
}

/** A part of a parsed value (`volume` of `scsi0`); NULL where it has none. */
export function part(d: ViewDialect, alias: string, name: string): string {
  return `CASE WHEN ${d.isObject(alias)} THEN ${d.scalar(`${alias}.value`, name)} END`;
}

/**
 * The value of a configuration's member as Proxmox writes it: `virtio=BC:24:11:03:DA:DE,bridge=vmbr0`, with the part that has no
 * name first.
 */
export function wholeValue(d: ViewDialect, alias: string): string {
  const family = familyOf(`${alias}.key`);
  const defaults = Object.entries(DEFAULT_PARTS).flatMap(([name, unnamed]) =>
    unnamed === null ? [] : [`WHEN '${name}' THEN '${unnamed}'`],
  );
  const unnamed = `CASE ${family} ${defaults.join(' ')} END`;
  const value = d.valueOf('p');
  // A network card's address follows its model.
  const mac = d.scalar(`${alias}.value`, 'macaddr');
  const pieces = [
    `WHEN ${family} = 'net' AND p.key = 'model' THEN ${value} || coalesce('=' || ${mac}, '')`,
    `WHEN ${family} = 'net' AND p.key = 'macaddr' AND ${d.scalar(`${alias}.value`, 'model')} IS NOT NULL THEN NULL`,
    `WHEN p.key = ${unnamed} THEN ${value}`,
  ];
  const order = `CASE WHEN p.key = ${unnamed} THEN 0 ELSE 1 END, p.key`;
  const joined = `(SELECT string_agg(CASE ${pieces.join(' ')} ELSE p.key || '=' || ${value} END, ',' ORDER BY ${order}) FROM ${d.members(d.objectIn(alias), 'p')})`;
  return `CASE WHEN ${d.isObject(alias)} THEN ${joined} ELSE ${d.valueOf(alias)} END`;
}
