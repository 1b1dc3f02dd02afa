import { expect, test } from 'vitest';
import { exclusiveOpen } from './exclusive-open.ts';

// That a device is held is shown on real ones: test/kernel/unusable-disks.test.ts.
test('a device that is gone is told as gone, not as free', async () => {
  await expect(exclusiveOpen('/proc/self/root')('/dev/no-such-disk')).rejects.toMatchObject({
    code: 'DEVICE_NOT_FOUND',
  });
});
