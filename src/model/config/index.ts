export { asText, type Effective, effectivePart, effectiveValue, readAs } from './effective.ts';
export { CONFIG_KEYS, configKey } from './keys.ts';
export type { ConfigKey, ConfigValue, Unit, ValueKind } from './value.ts';
