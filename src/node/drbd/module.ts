import type { DrbdModule } from '../../api/observed/index.ts';
import type { HostFiles } from '../host-files.ts';
import type { Run, RunOptions } from '../run.ts';

/** The DRBD that this kernel runs now, by the first line of its state file. Loads nothing. */
export async function drbdModule({ read }: HostFiles): Promise<DrbdModule> {
  const version = /^version: (\S+)/.exec((await read('/proc/drbd')) ?? '')?.[1];
  return version === undefined ? { loaded: false } : { loaded: true, version };
}

/** Loads the module where the host has it; one that is loaded stays as it is. */
export async function loadDrbdModule(run: Run, files: HostFiles, options: RunOptions): Promise<DrbdModule> {
  const present = await drbdModule(files);
  if (present.loaded) return present;
  await run('modprobe', ['drbd'], { ...options, on: 'modprobe drbd' });
  return drbdModule(files);
}
