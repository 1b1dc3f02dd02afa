// Runs on a node, by itself: what a person would type to get a mounted file system on a new logical volume, so many times
// at once, and prints as a JSON list how many milliseconds after the start each was mounted. All are unmounted again.
// Arguments: volume group, number of volumes, bytes of each.
import { execFile } from 'node:child_process';
import { mkdir, rmdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const [group = '', count = '', sizeBytes = ''] = process.argv.slice(2);
const names = Array.from({ length: Number(count) }, (_, index) => `bare-${index}`);
const startedAt = performance.now();
const durationsMs = await Promise.all(
  names.map(async (name) => {
    const device = `/dev/${group}/${name}`;
    await run('lvcreate', ['-qq', '--yes', '--name', name, '--size', `${sizeBytes}b`, group]);
    await run('mkfs.ext4', ['-q', '-m0', device]);
    await mkdir(`/mnt/${name}`, { recursive: true });
    await run('mount', [device, `/mnt/${name}`]);
    return performance.now() - startedAt;
  }),
);
for (const name of names) {
  await run('umount', [`/mnt/${name}`]);
  await rmdir(`/mnt/${name}`);
}
process.stdout.write(JSON.stringify(durationsMs));
