import { expect, test } from 'vitest';
import { observability } from './observability.ts';

test('without a port nothing is served and nothing counted', () => {
  expect(observability('0')).toEqual({});
});

test.each(['http', '-1', '65536', ''])('"%s" is refused', (port) => {
  expect(() => observability(port)).toThrow('is no port');
});
