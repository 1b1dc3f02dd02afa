import { expect, test } from 'vitest';
import { installCommand } from './install-words.ts';

test.each([
  [{ id: 'debian', idLike: [] }, 'apt install lvm2'],
  [{ id: 'linuxmint', idLike: ['ubuntu', 'debian'] }, 'apt install lvm2'],
  [{ id: 'rocky', idLike: ['rhel', 'centos', 'fedora'] }, 'dnf install lvm2 (on an older host: yum install lvm2)'],
  [{ id: 'opensuse-leap', idLike: ['suse', 'opensuse'] }, 'zypper install lvm2'],
  [{ idLike: [] }, 'install package lvm2 with the host’s own package manager'],
])('%j', (system, command) => {
  expect(installCommand(system, 'lvm2')).toBe(command);
});
