import type { DrbdModule } from '../../api/observed/index.ts';
import type { Run, RunOptions } from '../run.ts';

const stateFile = '/proc/drbd';

/** The DRBD that this kernel runs now, by the first line of its state file. Loads nothing. */
export async function drbdModule(run: Run, options: RunOptions): Promise<DrbdModule> {
  const { exitCode, stdout } = await run('cat', [stateFile], { ...options, on: stateFile });
  const version = exitCode === 0 ? /^version: (\S+)/.exec(stdout)?.[1] : undefined;
  return version === undefined ? { loaded: false } : { loaded: true, version };
}

/** Loads the module where the host has it; one that is loaded stays as it is. */
export async function loadDrbdModule(run: Run, options: RunOptions): Promise<DrbdModule> {
  const present = await drbdModule(run, options);
  if (present.loaded) return present;
  await run('modprobe', ['drbd'], { ...options, on: 'modprobe drbd' });
  return drbdModule(run, options);
}
