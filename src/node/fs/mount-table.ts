import type { Mount } from '../../api/observed/index.ts';
import type { HostFiles } from '../host-files.ts';
import { refuse } from '../refuse.ts';

const path = '/proc/1/mountinfo';

/** What is mounted on the host, from block devices alone. @see proc_pid_mountinfo(5) */
export async function mountTable(files: HostFiles): Promise<Mount[]> {
  const text = (await files.read(path)) ?? refuse('FAILED', `read ${path}`, 'the host has no such file');
  const mounts: Mount[] = [];
  for (const line of parseMountinfo(text)) {
    if (line.fsType !== 'devtmpfs') {
      if (!line.device.startsWith('0:')) mounts.push({ ...line, kind: 'filesystem' });
      continue;
    }
    // A device bound onto a file shows as a piece of the file system of all devices.
    const number = (await files.read(`/sys/class/block/${line.root.slice(1)}/dev`))?.trim();
    if (line.root !== '/' && number !== undefined) mounts.push({ ...line, kind: 'device', device: number });
  }
  return mounts;
}

/** Each line of the table, with the characters decoded that would break it. */
export function parseMountinfo(text: string): Omit<Mount, 'kind'>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [left = '', right = ''] = line.split(' - ');
      const [, , device = '', root = '', target = '', options = ''] = left.split(' ');
      const [fsType = '', , superOptions = ''] = right.split(' ');
      const readOnly = [options, superOptions].some((list) => list.split(',').includes('ro'));
      return { target: decode(target), device, root: decode(root), fsType, readOnly };
    });
}

const decode = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
