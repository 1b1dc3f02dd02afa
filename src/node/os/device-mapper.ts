import type { Run, RunOptions } from '../run.ts';

const file = '/proc/devices';

/** Whether the kernel has the device-mapper, which is loaded where it is a module that is not loaded yet. */
export async function loadDeviceMapper(run: Run, options: RunOptions): Promise<boolean> {
  if (await hasDeviceMapper(run, options)) return true;
  await run('modprobe', ['dm_mod'], { ...options, on: 'modprobe dm_mod' });
  return hasDeviceMapper(run, options);
}

async function hasDeviceMapper(run: Run, options: RunOptions): Promise<boolean> {
  const { stdout } = await run('cat', [file], { ...options, on: file });
  return /^\s*\d+ device-mapper$/m.test(stdout);
}
