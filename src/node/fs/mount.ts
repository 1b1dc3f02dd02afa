import type { FileSystem } from '../../api/file-systems.ts';
import type { Mount } from '../../api/observed/index.ts';
import { refuse, refusal } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';
import { blockDevice } from './block-device.ts';

/** How the mount table is read. */
export type LookAtMounts = () => Promise<Mount[]>;

/**
 * Mounts a file system at a folder that is made where there is none.
 * @throws CommandError `TARGET_IN_USE`, `MOUNT_REFUSED`, `DEVICE_NOT_FOUND`
 * @see mount(8)
 */
export async function mountFileSystem(
  run: Run,
  mounts: LookAtMounts,
  wanted: { device: string; target: string; fsType: FileSystem; options: readonly string[] },
  options: RunOptions,
): Promise<void> {
  const { device, target, fsType } = wanted;
  const command = `mount ${device} on ${target}`;
  const { majorMinor } = await blockDevice(run, device, options);
  const there = topmost(await mounts(), target);
  if (there?.device === majorMinor && there.kind === 'filesystem') return;
  if (there !== undefined) refuse('TARGET_IN_USE', command, `device ${there.device} (${there.fsType})`);
  await makeFolder(run, target, options);
  const asked = wanted.options.length === 0 ? [] : ['-o', wanted.options.join(',')];
  const output = await run('mount', ['-t', fsType, ...asked, '--', device, target], { ...options, on: device });
  if (output.exitCode !== 0) throw refusal(command, output, [[/./, 'MOUNT_REFUSED']]);
}

/**
 * Shows a mounted folder, or a device, at another place too.
 * @throws CommandError `NOT_MOUNTED`, `TARGET_IN_USE`, `MOUNT_REFUSED`, `DEVICE_NOT_FOUND`
 * @see mount(8)
 */
export async function bindMount(
  run: Run,
  mounts: LookAtMounts,
  wanted: { device: string; source: 'device' | { folder: string }; target: string; readOnly: boolean },
  options: RunOptions,
): Promise<void> {
  const { device, source, target, readOnly } = wanted;
  const from = source === 'device' ? device : source.folder;
  const command = `mount ${from} at ${target}`;
  const { majorMinor } = await blockDevice(run, device, options);
  const table = await mounts();
  if (source !== 'device' && topmost(table, source.folder)?.device !== majorMinor) refuse('NOT_MOUNTED', command, from);
  const there = topmost(table, target);
  const isSame = there?.device === majorMinor && (there.kind === 'device') === (source === 'device');
  if (there !== undefined && !isSame) refuse('TARGET_IN_USE', command, `device ${there.device} (${there.fsType})`);
  // A device that is bound stays as writable as it is: what a pod may do to it is for its container runtime to keep.
  if (isSame && (source === 'device' || there.readOnly === readOnly)) return;
  if (isSame) refuse('TARGET_IN_USE', command, `it is there ${there.readOnly ? 'read-only' : 'writable'} already`);
  await (source === 'device' ? makeFile(run, target, options) : makeFolder(run, target, options));
  const how = readOnly && source !== 'device' ? 'bind,ro' : 'bind';
  const output = await run('mount', ['-o', how, '--', from, target], { ...options, on: device });
  if (output.exitCode !== 0) throw refusal(command, output, [[/./, 'MOUNT_REFUSED']]);
}

/**
 * Unmounts all that is mounted at a place, and takes the empty folder or file away.
 * @throws CommandError `DEVICE_IN_USE`
 * @see umount(8)
 */
export async function unmountAll(run: Run, mounts: LookAtMounts, target: string, options: RunOptions): Promise<void> {
  const command = `umount ${target}`;
  for (let left = layersAt(await mounts(), target); left > 0;) {
    const output = await run('umount', ['--', target], { ...options, on: target });
    const now = layersAt(await mounts(), target);
    if (now >= left) throw refusal(command, output, [[/busy/i, 'DEVICE_IN_USE']]);
    left = now;
  }
  const removed = await run('find', [target, '-maxdepth', '0', '-empty', '-delete'], options);
  if (removed.exitCode !== 0 && !/No such file/.test(removed.stderr)) throw refusal(`remove ${target}`, removed, []);
}

/** What is seen at a place: of several, the last. */
export const topmost = (mounts: readonly Mount[], target: string): Mount | undefined =>
  mounts.findLast((mount) => mount.target === target);

const layersAt = (mounts: readonly Mount[], target: string): number =>
  mounts.filter((mount) => mount.target === target).length;

async function makeFolder(run: Run, path: string, options: RunOptions): Promise<void> {
  const output = await run('mkdir', ['--parents', '--', path], options);
  if (output.exitCode !== 0) throw refusal(`make the folder ${path}`, output, []);
}

async function makeFile(run: Run, path: string, options: RunOptions): Promise<void> {
  await makeFolder(run, path.slice(0, path.lastIndexOf('/')), options);
  const output = await run('touch', ['--', path], options);
  if (output.exitCode !== 0) throw refusal(`make the file ${path}`, output, []);
}
