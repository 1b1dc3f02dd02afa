import type { OperatingSystem } from '../../../api/observed/index.ts';

type Family = 'debian' | 'fedora' | 'suse' | 'arch' | 'alpine';

/** By `ID` of os-release(5): how a host of that family installs a package. */
const installers: readonly (readonly [Family, ids: readonly string[], install: (name: string) => string])[] = [
  ['debian', ['debian', 'ubuntu'], (name) => `apt install ${name}`],
  ['fedora', ['fedora', 'rhel', 'centos'], (name) => `dnf install ${name} (on an older host: yum install ${name})`],
  ['suse', ['suse', 'opensuse', 'sles'], (name) => `zypper install ${name}`],
  ['arch', ['arch'], (name) => `pacman -S ${name}`],
  ['alpine', ['alpine'], (name) => `apk add ${name}`],
];

const installerOf = ({ id, idLike }: OperatingSystem) => {
  const words = [id, ...idLike].map((word) => word?.replace(/-.*$/, ''));
  return installers.find(([, ids]) => words.some((word) => word !== undefined && ids.includes(word)));
};

/** What to type on the host to have a package; in words where the host is of no family that is known here. */
export const installCommand = (system: OperatingSystem, name: string): string =>
  installerOf(system)?.[2](name) ?? `install package ${name} with the host’s own package manager`;

/** Which package has a program; where families differ, which of each, and of all others. */
const packages: readonly (readonly [RegExp, string | Partial<Record<Family | 'other', string>>])[] = [
  [/^(lvm|(pv|vg|lv)\w+)$/, 'lvm2'],
  [/^drbd/, 'drbd-utils'],
  [/^cmp$/, 'diffutils'],
  [/^(dd|cat|env|sync)$/, 'coreutils'],
  [/^udevadm$/, { fedora: 'systemd-udev', arch: 'systemd', alpine: 'eudev', other: 'udev' }],
  [/^dmsetup$/, { debian: 'dmsetup', other: 'device-mapper' }],
  [/^modprobe$/, 'kmod'],
  [/./, 'util-linux'],
];

/** What to type on the host to have a program. */
export function installProgram(system: OperatingSystem, program: string): string {
  const [, found = 'util-linux'] = packages.find(([programs]) => programs.test(program)) ?? [];
  const [family = 'other'] = installerOf(system) ?? [];
  const name = typeof found === 'string' ? found : (found[family] ?? found.other);
  return installCommand(system, name ?? program);
}
