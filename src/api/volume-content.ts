import { isFileSystem } from './file-systems.ts';
import type { LogicalVolumeTags } from './tags.ts';

/** What a copy of a volume holds: nothing yet, a file system, blocks that are used as they are, or nobody knows what. */
export const volumeContents = ['blank', 'ext4', 'xfs', 'block', 'unknown'] as const;
export type VolumeContent = (typeof volumeContents)[number];

/** What the tags of a logical volume say of it. One that does not say that it is blank may hold anything. */
export function contentOf({ blank, formatted }: Partial<LogicalVolumeTags>): VolumeContent {
  if (formatted === undefined) return blank === true ? 'blank' : 'unknown';
  return isFileSystem(formatted) || formatted === 'block' ? formatted : 'unknown';
}

/** How tags say it. */
export const contentTags = (content: VolumeContent): Pick<LogicalVolumeTags, 'blank' | 'formatted'> =>
  content === 'blank' ? { blank: true } : { formatted: content };
