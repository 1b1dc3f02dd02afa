import type { HostFiles } from '../host-files.ts';
import type { Run, RunOptions } from '../run.ts';

/** Whether the kernel has the device-mapper, which is loaded where it is a module that is not loaded yet. */
export async function loadDeviceMapper(run: Run, files: HostFiles, options: RunOptions): Promise<boolean> {
  if (await hasDeviceMapper(files)) return true;
  await run('modprobe', ['dm_mod'], { ...options, on: 'modprobe dm_mod' });
  return hasDeviceMapper(files);
}

const hasDeviceMapper = async ({ read }: HostFiles): Promise<boolean> =>
  /^\s*\d+ device-mapper$/m.test((await read('/proc/devices')) ?? '');
