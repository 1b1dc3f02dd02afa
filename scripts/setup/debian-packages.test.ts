import { expect, test } from 'vitest';
import { missingPackages } from './debian-packages.ts';

test('a package counts as there only when dpkg says that it is installed', () => {
  const output = 'ii lvm2\nrc drbd-utils\nun udev\n';
  expect(missingPackages(['lvm2', 'drbd-utils', 'udev', 'kmod'], output)).toEqual(['drbd-utils', 'udev', 'kmod']);
});
