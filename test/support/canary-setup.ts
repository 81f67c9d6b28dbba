import { afterEach, expect } from 'vitest';
import { forgetSecrets, takeLeaks } from './canary.ts';

forgetSecrets();

afterEach(() => {
  expect(takeLeaks(), 'no planted secret in anything the product said').toEqual([]);
});
