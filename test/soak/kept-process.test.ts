import { expect, test } from 'vitest';
import { endOf } from './kept-process.ts';
import { leaseLostCode } from './messages.ts';

test('a process that ends otherwise than it was told, and not for its lease, has crashed', () => {
  expect(endOf(leaseLostCode, null, undefined)).toBe('lost its lease');
  expect(endOf(null, 'SIGKILL', 'SIGKILL')).toBe('was killed');
  expect(endOf(0, null, 'SIGTERM')).toBe('was stopped');
  expect(endOf(null, 'SIGTERM', 'SIGTERM')).toBe('was stopped');
  expect(endOf(1, null, 'SIGTERM')).toBe('crashed');
  expect(endOf(null, 'SIGKILL', 'SIGTERM')).toBe('crashed');
  expect(endOf(null, 'SIGSEGV', undefined)).toBe('crashed');
  expect(endOf(0, null, undefined)).toBe('crashed');
});
