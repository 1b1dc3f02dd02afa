import type { LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { OperatingSystem, PlacedSignature } from '../../../api/observed/index.ts';
import type { DiskRefusal } from './claim-match.ts';
import { installProgram } from '../node/install-words.ts';

/** Of a message that may have 8192 characters; the last line wants room, too. */
const budget = 8000;

/** Why a claim gets no disk: each disk of its node on a line of its own, where it is, what speaks against it, what to do. */
export function explainDisks(
  { spec: { nodeName } }: LocalDiskClaim,
  disks: readonly LocalDisk[],
  refusals: readonly DiskRefusal[],
): string {
  if (refusals.length === 0)
    return `No disk of node ${nodeName} is known yet. Its agent shows each as a LocalDisk within a minute; if none comes, see whether the agent runs there.`;
  return [`No disk of node ${nodeName} fits this claim.`, ...linesOf(disks, refusals)].join('\n');
}

/** That fewer disks fit than a claim asks for, and what refused the others. */
export const explainTooFew = (
  { spec: { nodeName } }: LocalDiskClaim,
  disks: readonly LocalDisk[],
  matched: readonly string[],
  count: number,
  refusals: readonly DiskRefusal[],
): string =>
  [
    `${matched.length} of ${count} disks of node ${nodeName} fit this claim, so it waits and takes none yet. Add disks, or lower spec.description.count.`,
    ...linesOf(disks, refusals),
  ].join('\n');

/** Which disks that a claim asks for it did not take, told the same way. */
export const explainOthers = (disks: readonly LocalDisk[], refusals: readonly DiskRefusal[]): string =>
  ['Not taken, though asked for:', ...linesOf(disks, refusals)].join('\n');

/** That a node lacks a program without which nothing is known of its disks. */
export const explainMissingTool = (nodeName: string, program: string, system: OperatingSystem): string =>
  `Node ${nodeName} has no ${program}, so its disks can't be put into a pool. Type there: ${installProgram(system, program)}. Nothing else has to be done.`;

/** Marks of a disk in a sentence. */
export const markWords = (signatures: readonly PlacedSignature[], partitions: readonly string[]): string =>
  [
    ...signatures.map(({ type, partition, uuid }) =>
      [type, partition === undefined ? '' : ` in partition ${partition}`, uuid === undefined ? '' : ` (${uuid})`].join(
        '',
      ),
    ),
    ...(partitions.length === 0 ? [] : [`${partitions.length} partition${partitions.length === 1 ? '' : 's'}`]),
  ].join(', ') || 'signatures that exclude each other';

function linesOf(disks: readonly LocalDisk[], refusals: readonly DiskRefusal[]): string[] {
  const paths = new Map(disks.map(({ metadata, spec }) => [metadata.name, spec.devicePath]));
  const lines = refusals.map(({ disk: word, reason }) => {
    const path = paths.get(word);
    return `${path === undefined ? '' : `${path}: `}${word} ${reason}`;
  });
  return withinBudget(lines, budget);
}

/** As many lines as there is room for, and how many there are more. */
function withinBudget(lines: readonly string[], characters: number): string[] {
  const kept: string[] = [];
  for (const [index, line] of lines.entries()) {
    characters -= line.length + 1;
    if (characters < 0)
      return [...kept, `And ${lines.length - index} more: kubectl describe localdisks tells of each.`];
    kept.push(line);
  }
  return kept;
}
