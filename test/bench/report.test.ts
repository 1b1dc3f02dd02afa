import { expect, test } from 'vitest';
import { table } from './report.ts';

test('lines up numbers to the right of their names', () => {
  const rows = [
    ['', 'median', 'max'],
    ['bare lvcreate', 7, 1234],
  ];
  expect(table(rows)).toBe(['               median   max', 'bare lvcreate       7  1234'].join('\n'));
});
