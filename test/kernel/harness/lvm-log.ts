import { programNames } from '../../lab/product.ts';
import type { LabNode } from '../../lab/index.ts';

/** Commands that change what LVM has written on disks. */
const changing =
  /^(lv(create|extend|remove|reduce|rename)|vg(create|extend|reduce|remove|rename|import\w*)|pv(create|remove|resize|move))$/;
/** These change it only with such an option; the others let the kernel use what is there. */
const tagging = ['--addtag', '--deltag', '--allocatable'];

/**
 * What a node's agent has had lvm change so far, each command with the words that tell what it does, e.g.
 * `vgextend --restoremissing -- pool /dev/sdb`.
 */
export async function lvmChanges(node: LabNode): Promise<string[]> {
  const lines = (await node.readLog(programNames.agent)).split('\n').filter((line) => line.includes('"argv"'));
  return lines
    .map((line) => (JSON.parse(line) as { argv: string[] }).argv)
    .filter(([program = '', ...args]) => changing.test(program) || args.some((arg) => tagging.includes(arg)))
    .map((argv) => argv.filter((word, index) => !isShared(word) && argv[index - 1] !== '--config').join(' '));
}

/** What every command of the agent has: how quiet it is, and settings with their value. */
const isShared = (word: string): boolean => ['-qq', '--config'].includes(word);
