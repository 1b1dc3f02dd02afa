import { dmName, dmNameLimit, metadataVolumeName } from '../../api/names.ts';
import { refuse } from '../refuse.ts';

/** The metadata volume stands beside a volume while it moves, so a name must leave room for this. */
const longestSuffix = metadataVolumeName('');
const reserved =
  /^(snapshot|pvmove)|_(tdata|tmeta|tpool|pmspare|rimage|rmeta|mimage|mlog|corig|cdata|cmeta|cvol|vorigin|vdata|iorig|imeta)/;

/** @throws CommandError `BAD_NAME` for what lvm does not take as the name of a group or a volume */
export function checkName(name: string, command: string): void {
  const usable = /^[A-Za-z0-9+_.-]{1,127}$/.test(name) && !name.startsWith('-') && name !== '.' && name !== '..';
  if (!usable) refuse('BAD_NAME', command, `"${name}" may hold letters, digits and + _ . - and not begin with -`);
}

/**
 * device-mapper doubles every hyphen and takes 127 characters; lvm finds out only after it has made the volume.
 * @throws CommandError `BAD_NAME`
 */
export function checkVolumeName(group: string, name: string, command: string): void {
  checkName(name, command);
  const found = reserved.exec(name.endsWith(longestSuffix) ? name.slice(0, -longestSuffix.length) : name);
  if (found !== null) refuse('BAD_NAME', command, `lvm keeps "${found[0]}" for itself`);
  const { length } = dmName(group, name.endsWith(longestSuffix) ? name : metadataVolumeName(name));
  if (length > dmNameLimit)
    refuse('BAD_NAME', command, `with every hyphen doubled the device name has ${length} of ${dmNameLimit} characters`);
}

/** @throws CommandError `BAD_TAG` for what lvm does not take as a tag */
export function checkTags(tags: readonly string[], command: string): void {
  for (const tag of tags)
    if (!/^[A-Za-z0-9_+./=!:#&][A-Za-z0-9_+./=!:#&-]{0,1023}$/.test(tag)) refuse('BAD_TAG', command, `"${tag}"`);
}

/** @throws CommandError `BAD_SIZE` */
export function checkSize(sizeBytes: number, command: string): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes <= 0) refuse('BAD_SIZE', command, `${sizeBytes} bytes`);
}
