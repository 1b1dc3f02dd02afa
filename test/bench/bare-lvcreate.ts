// Runs on a node, by itself: creates logical volumes at once with nothing but lvcreate, and prints as a JSON list how
// many milliseconds after the start each was there. Arguments: volume group, number of volumes, bytes of each.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const [group = '', count = '', sizeBytes = ''] = process.argv.slice(2);
const startedAt = performance.now();
const durationsMs = await Promise.all(
  Array.from({ length: Number(count) }, async (_, index) => {
    const args = ['-qq', '--yes', '--name', `bare-${index}`, '--size', `${sizeBytes}b`, group];
    await promisify(execFile)('lvcreate', args);
    return performance.now() - startedAt;
  }),
);
process.stdout.write(JSON.stringify(durationsMs));
