import { mib } from './units.ts';

/** File systems that volumes are formatted with. */
export const fileSystems = ['ext4', 'xfs'] as const;
export type FileSystem = (typeof fileSystems)[number];

/** The smallest volume that the tools make one on. @see mkfs.ext4(8), mkfs.xfs(8) */
export const smallestBytes: Record<FileSystem, number> = { ext4: mib(4), xfs: mib(300) };

export const isFileSystem = (name: string): name is FileSystem => (fileSystems as readonly string[]).includes(name);
