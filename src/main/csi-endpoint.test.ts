import { expect, test } from 'vitest';
import { socketPathOf } from './csi-endpoint.ts';

test('an endpoint is a socket with an absolute path', () => {
  expect(socketPathOf('unix:///csi/csi.sock')).toBe('/csi/csi.sock');
  expect(socketPathOf('unix:/csi/csi.sock')).toBe('/csi/csi.sock');
  for (const none of ['', '/csi/csi.sock', 'unix://csi.sock', 'tcp://127.0.0.1:1'])
    expect(() => socketPathOf(none)).toThrow(`--csi-endpoint=${none} is no socket`);
});
