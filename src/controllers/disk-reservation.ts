import { matchesGlob } from 'node:path';
import type { LocalDiskAction } from '../api/local-disk-action.schema.ts';
import type { LocalDisk } from '../api/local-disk.schema.ts';
import { reservedByAnnotation } from '../api/names.ts';

/** What a rule looks at. */
export interface RuledDisk {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Whether an action is about a disk: at a path that matches, and of a size outside of what the rule leaves. */
export function isRuled({ spec: { rule } }: LocalDiskAction, { path, sizeBytes }: RuledDisk): boolean {
  const { devicePath = '', minCapacity = 0, maxCapacity = 0 } = rule;
  if (devicePath !== '' && !matchesGlob(path, devicePath)) return false;
  const isSmall = minCapacity > 0 && sizeBytes < minCapacity;
  const isLarge = maxCapacity > 0 && sizeBytes > maxCapacity;
  return isSmall || isLarge || (minCapacity === 0 && maxCapacity === 0);
}

/** A LocalDisk that is reserved, and says by which action. */
export const reservedBy = (disk: LocalDisk, action: string): LocalDisk => ({
  ...disk,
  metadata: { ...disk.metadata, annotations: { ...disk.metadata.annotations, [reservedByAnnotation]: action } },
  spec: { ...disk.spec, reserved: true },
});

/** A new LocalDisk, reserved where an action is about it: before it is there for anyone to claim. */
export function reservedAtBirth(disk: LocalDisk, device: RuledDisk, actions: readonly LocalDiskAction[]): LocalDisk {
  const [first] = actions
    .filter((action) => action.metadata.deletionTimestamp === undefined && isRuled(action, device))
    .map(({ metadata }) => metadata.name)
    .sort();
  return first === undefined ? disk : reservedBy(disk, first);
}
