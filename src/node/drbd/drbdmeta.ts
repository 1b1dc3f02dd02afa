import type { DrbdMetadata } from '../../api/observed/index.ts';
import { refuse } from '../refuse.ts';
import type { CommandOutput, Run, RunOptions } from '../run.ts';
import { drbdRefusal } from './refusals.ts';

/** Metadata of one resource's only volume, on a device of their own. */
export interface MetadataPlace {
  readonly minor: number;
  readonly device: string;
}

/** UUID of metadata that no kernel ever attached. */
const neverUsed = '0x0000000000000004';

/**
 * Looks at what stands on a metadata device. An 8.4 kernel leaves metadata `unclean` also after an orderly `down`; those
 * are printed only with `--force`, which changes nothing either.
 * @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_UNREADABLE`, `UNEXPECTED_OUTPUT`
 * @see drbdmeta(8)
 */
export async function dumpMetadata(run: Run, place: MetadataPlace, options: RunOptions): Promise<DrbdMetadata> {
  const command = `drbdmeta dump-md ${place.device}`;
  const output = await drbdmeta(run, place, ['dump-md'], options);
  if (output.exitCode === 0) return { state: 'valid', justCreated: isNeverUsed(output.stdout, command) };
  const { stderr } = output;
  if (/No valid meta data found/i.test(stderr)) return { state: 'absent' };
  if (/Device or resource busy|is configured!/i.test(stderr)) return { state: 'attached' };
  if (!/unclean/i.test(stderr)) throw drbdRefusal(command, output);
  const forced = await drbdmeta(run, place, ['dump-md'], options, ['--force']);
  if (forced.exitCode !== 0) throw drbdRefusal(command, forced);
  return { state: 'valid', justCreated: isNeverUsed(forced.stdout, command) };
}

/**
 * Writes fresh metadata over whatever is there: drbdmeta without `--force` would refuse a new volume on extents that
 * once held other metadata, and with it asks nothing. Look at what is there before.
 * @throws CommandError `DEVICE_IN_USE`, `DEVICE_NOT_FOUND`
 */
export async function createMetadata(run: Run, place: MetadataPlace, options: RunOptions): Promise<void> {
  const output = await drbdmeta(run, place, ['create-md'], options, ['--force']);
  if (output.exitCode !== 0) throw drbdRefusal(`drbdmeta create-md ${place.device}`, output);
}

/** Destroys the metadata; none there is fine. @throws CommandError `DEVICE_IN_USE`, `DEVICE_NOT_FOUND` */
export async function wipeMetadata(run: Run, place: MetadataPlace, options: RunOptions): Promise<void> {
  const output = await drbdmeta(run, place, ['wipe-md'], options, ['--force']);
  if (output.exitCode !== 0) throw drbdRefusal(`drbdmeta wipe-md ${place.device}`, output);
}

const drbdmeta = (
  run: Run,
  { minor, device }: MetadataPlace,
  verb: readonly string[],
  options: RunOptions,
  flags: readonly string[] = [],
): Promise<CommandOutput> =>
  run('drbdmeta', [...flags, String(minor), 'v08', device, 'flex-external', ...verb], { ...options, on: device });

function isNeverUsed(dump: string, command: string): boolean {
  const current = /uuid \{\s*(0x[\dA-Fa-f]+);/.exec(dump)?.[1];
  return (current ?? refuse('UNEXPECTED_OUTPUT', command, dump.slice(0, 200))) === neverUsed;
}
