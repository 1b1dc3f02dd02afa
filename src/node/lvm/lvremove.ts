import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/**
 * Removes the logical volume that has this UUID, this name and all these tags, if there is one: lvm itself picks it
 * under its lock, so that nothing can have taken its place. Ends well when none is, so look again afterwards.
 * @throws CommandError `DEVICE_IN_USE`, `VG_NOT_FOUND`
 * @see lvremove(8), lvmreport(7) on selection
 */
export async function lvremove(
  lvm: Lvm,
  { group, name, uuid, tags }: { group: string; name: string; uuid: string; tags: readonly [string, ...string[]] },
  options: RunOptions,
): Promise<void> {
  const tagged = tags.map((tag) => `"${tag}"`).join(' && ');
  const selection = `lv_uuid="${uuid}" && lv_name="${name}" && lv_tags={${tagged}}`;
  const output = await lvm('lvremove', ['--yes', '--select', selection, '--', group], options);
  if (output.exitCode !== 0) throw lvmRefusal(`lvremove ${name} in ${group}`, output);
}
