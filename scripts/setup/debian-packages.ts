import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cacheDir } from './cache-dir.ts';
import { RequirementError } from './requirement-error.ts';
import { withLock } from './with-lock.ts';

/** What the lab's nodes are made of. */
export const labPackages: readonly string[] = [
  'user-mode-linux',
  'lvm2',
  'drbd-utils',
  'thin-provisioning-tools',
  'kmod',
  'iproute2',
  'udev',
  'smartmontools',
  'util-linux',
  'fdisk',
  'e2fsprogs',
  'xfsprogs',
  'gcc',
  'libc6-dev',
];

/** What those nodes need beside that run pods. */
export const podPackages: readonly string[] = [
  'runc',
  'containernetworking-plugins',
  'iptables',
  'conntrack',
  'busybox-static',
];

/** Of the packages named, those that dpkg does not know as installed. */
export function missingPackages(wanted: readonly string[], dpkgOutput: string): string[] {
  const installed = new Set(
    dpkgOutput
      .split('\n')
      .filter((line) => line.startsWith('ii '))
      .map((line) => line.slice(3)),
  );
  return wanted.filter((name) => !installed.has(name));
}

function query(wanted: readonly string[]): string[] {
  const format = ['-W', '-f', '${db:Status-Abbrev}${Package}\n'];
  return missingPackages(wanted, spawnSync('dpkg-query', [...format, ...wanted], { encoding: 'utf8' }).stdout ?? '');
}

function aptGet(args: readonly string[]): void {
  const done = spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (done.status !== 0) throw new RequirementError(`apt-get ${args.join(' ')} failed:\n${done.stderr}`);
}

/**
 * Installs what is missing of these Debian packages.
 * @throws RequirementError on another system, or without root: with the command to type instead
 */
export async function ensureDebianPackages(wanted: readonly string[], say: (line: string) => void): Promise<void> {
  const isDebian = existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  if (!isDebian) {
    throw new RequirementError(
      `this needs Debian 12 (or later) with these packages: ${wanted.join(' ')}. This is another system: use a Debian machine.`,
    );
  }
  if (query(wanted).length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new RequirementError(`Debian packages are missing. As root: apt-get install ${query(wanted).join(' ')}`);
  }
  const install = async (): Promise<void> => {
    const missing = query(wanted);
    if (missing.length === 0) return;
    say(`installing Debian packages: ${missing.join(' ')} (about a minute)`);
    aptGet(['update', '-qq']);
    aptGet(['install', '-y', '-qq', '--no-install-recommends', ...missing]);
  };
  await withLock(`${cacheDir()}/apt.lock`, install, say);
}

/** @throws RequirementError when the process may not make namespaces and mounts */
export function requireRoot(what: string): void {
  if (process.getuid?.() !== 0)
    throw new RequirementError(`${what} makes network namespaces and mounts: run it as root.`);
}
