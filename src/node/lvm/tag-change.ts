export interface TagChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export const tagArguments = ({ add = [], remove = [] }: TagChange): string[] => [
  ...add.flatMap((tag) => ['--addtag', tag]),
  ...remove.flatMap((tag) => ['--deltag', tag]),
];

/** Whether tags are already as the change wants them. */
export const isChanged = (tags: readonly string[], { add = [], remove = [] }: TagChange): boolean =>
  add.every((tag) => tags.includes(tag)) && !remove.some((tag) => tags.includes(tag));
