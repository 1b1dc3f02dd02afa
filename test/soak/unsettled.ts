import type { Box, Part } from './kinds.ts';

/** All that the server has of one operator's kinds. */
export interface World {
  readonly boxes: readonly Box[];
  readonly parts: readonly Part[];
}

/**
 * What is not as wanted, one sentence each; none once an operator has done all its work.
 * @param wanted names of the boxes that are to be there
 */
export function unsettledIn({ boxes, parts }: World, wanted: readonly string[]): string[] {
  const there = new Map(boxes.map((box) => [box.metadata.name, box]));
  const partsByBox = Map.groupBy(parts, ({ spec }) => spec.boxName);
  return [
    ...wanted.filter((name) => !there.has(name)).map((name) => `Box ${name} is missing`),
    ...boxes.flatMap((box) =>
      wanted.includes(box.metadata.name)
        ? unsettledOf(box, partsByBox.get(box.metadata.name) ?? [])
        : [`Box ${box.metadata.name} was deleted and is there`],
    ),
    ...parts
      .filter(({ spec }) => !there.has(spec.boxName))
      .map(({ metadata, spec }) => `Part ${metadata.name} is there without its Box ${spec.boxName}`),
  ];
}

function unsettledOf({ metadata, spec, status }: Box, parts: readonly Part[]): string[] {
  const complaints: string[] = [];
  const mind = (text: string) => complaints.push(`Box ${metadata.name} ${text}`);
  if (metadata.deletionTimestamp !== undefined) mind('is being deleted');
  const indexes = parts.map((part) => part.spec.index).sort((a, b) => a - b);
  const isWhole = indexes.length === spec.parts && indexes.every((index, n) => index === n);
  if (!isWhole) mind(`wants ${spec.parts} parts and has those with the indexes [${indexes.join(', ')}]`);
  for (const part of parts) {
    const owners = part.metadata.ownerReferences ?? [];
    if (owners.length !== 1 || owners[0]!.uid !== metadata.uid) mind(`does not own Part ${part.metadata.name}`);
    if (part.spec.colour !== spec.colour) mind(`is of another colour than Part ${part.metadata.name}`);
  }
  const { observedGeneration, parts: counted } = status ?? {};
  if (observedGeneration !== metadata.generation)
    mind(`is at generation ${metadata.generation}, and its status of ${observedGeneration}`);
  if (counted !== parts.length) mind(`has ${parts.length} parts, and ${counted} in its status`);
  return complaints;
}
