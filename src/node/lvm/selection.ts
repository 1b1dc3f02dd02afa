/** A logical volume by everything it must be. */
export interface ChosenVolume {
  readonly group: string;
  readonly name: string;
  readonly uuid: string;
  /** All of them. */
  readonly tags?: readonly string[];
}

/**
 * Lets lvm itself pick the volume that has all of it, under its lock, so that nothing can have taken its place since it
 * was looked at.
 * @see lvmreport(7)
 */
export function selection({ uuid, name, tags = [] }: ChosenVolume): string {
  const tagged = tags.length === 0 ? [] : [`lv_tags={${tags.map((tag) => `"${tag}"`).join(' && ')}}`];
  return [`lv_uuid="${uuid}"`, `lv_name="${name}"`, ...tagged].join(' && ');
}
