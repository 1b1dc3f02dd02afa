import type { OperatingSystem } from '../../api/observed/index.ts';

/** By `ID` of os-release(5): how a host of that family installs a package. */
const installers: readonly (readonly [families: readonly string[], install: (name: string) => string])[] = [
  [['debian', 'ubuntu'], (name) => `apt install ${name}`],
  [['fedora', 'rhel', 'centos'], (name) => `dnf install ${name} (on an older host: yum install ${name})`],
  [['suse', 'opensuse', 'sles'], (name) => `zypper install ${name}`],
  [['arch'], (name) => `pacman -S ${name}`],
  [['alpine'], (name) => `apk add ${name}`],
];

/** What to type on the host to have a package; in words where the host is of no family that is known here. */
export function installCommand({ id, idLike }: OperatingSystem, name: string): string {
  const families = [id, ...idLike].map((word) => word?.replace(/-.*$/, ''));
  const known = installers.find(([names]) => names.some((family) => families.includes(family)));
  return known?.[1](name) ?? `install package ${name} with the host’s own package manager`;
}
