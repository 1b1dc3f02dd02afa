import type { VolumeMapping } from '../../api/observed/index.ts';
import { refusal } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';
import { ascending } from './report.ts';

const command = 'dmsetup info';
const separator = '|';
const fields = ['uuid', 'devnos_used'];

/**
 * Lists what the kernel's tables of active logical volumes name, whatever LVM's metadata say, sorted by UUID. Changes
 * nothing.
 * @see dmsetup(8)
 */
export async function dmsetupInfo(run: Run, options: RunOptions): Promise<VolumeMapping[]> {
  const args = ['info', '--columns', '--noheadings', '--separator', separator, '--options', fields.join(',')];
  const output = await run('dmsetup', args, { ...options, on: command });
  if (output.exitCode !== 0) throw refusal(command, output, []);
  return output.stdout
    .split('\n')
    .flatMap((line) => {
      const [name = '', devices = ''] = line.trim().split(separator);
      const uuid = volumeUuid(name);
      const numbers = devices.split(',').filter((number) => /^\d+:\d+$/.test(number));
      return uuid === undefined ? [] : [{ uuid, devices: numbers.sort() }];
    })
    .sort((a, b) => ascending(a.uuid, b.uuid));
}

/** lvm names a volume to the kernel `LVM-`, its group's UUID, its own, and for hidden parts a suffix, all without hyphens. */
function volumeUuid(name: string): string | undefined {
  const plain = /^LVM-[A-Za-z0-9]{32}([A-Za-z0-9]{32})$/.exec(name)?.[1];
  return plain?.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/, '$1-$2-$3-$4-$5-$6-$7');
}
