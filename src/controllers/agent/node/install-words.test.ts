import { expect, test } from 'vitest';
import { installCommand, installProgram } from './install-words.ts';

test.each([
  [{ id: 'debian', idLike: [] }, 'apt install lvm2'],
  [{ id: 'linuxmint', idLike: ['ubuntu', 'debian'] }, 'apt install lvm2'],
  [{ id: 'rocky', idLike: ['rhel', 'centos', 'fedora'] }, 'dnf install lvm2 (on an older host: yum install lvm2)'],
  [{ id: 'opensuse-leap', idLike: ['suse', 'opensuse'] }, 'zypper install lvm2'],
  [{ idLike: [] }, 'install package lvm2 with the host’s own package manager'],
])('%j', (system, command) => {
  expect(installCommand(system, 'lvm2')).toBe(command);
});

test.each([
  ['vgs', 'apt install lvm2'],
  ['cmp', 'apt install diffutils'],
  ['dd', 'apt install coreutils'],
  ['udevadm', 'apt install udev'],
  ['wipefs', 'apt install util-linux'],
])('%s comes with the package that has it', (program, command) => {
  expect(installProgram({ id: 'debian', idLike: [] }, program)).toBe(command);
});

test('a package has the name that the family of the host gives it', () => {
  expect(installProgram({ id: 'rocky', idLike: ['rhel'] }, 'udevadm')).toContain('dnf install systemd-udev');
});
