import { afterEach, expect } from 'vitest';
import { takeLeaks } from './canary.ts';

afterEach(() => {
  expect(takeLeaks(), 'no planted secret in anything the product said').toEqual([]);
});
