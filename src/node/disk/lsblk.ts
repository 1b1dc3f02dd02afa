import * as z from 'zod';
import { parseJson } from '../parse.ts';
import { refuse, refusal } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';

const columns =
  'NAME,KNAME,PATH,MAJ:MIN,TYPE,SIZE,RO,RM,ROTA,MODEL,SERIAL,WWN,VENDOR,TRAN,PTTYPE,PARTTYPE,PARTUUID,FSTYPE,MOUNTPOINTS';

/** `null` for what is not known. */
const Text = z
  .string()
  .nullable()
  .transform((text) => text?.trim() || undefined);

const Node = z.object({
  kname: z.string(),
  path: z.string(),
  'maj:min': z.string(),
  type: z.string(),
  size: z.int().nonnegative(),
  ro: z.boolean(),
  rm: z.boolean(),
  rota: z.boolean(),
  model: Text,
  serial: Text,
  wwn: Text,
  vendor: Text,
  tran: Text,
  pttype: Text,
  parttype: Text.transform((type) => type?.toLowerCase()),
  partuuid: Text,
  fstype: Text,
  /** `[null]` when it is mounted nowhere. */
  mountpoints: z.array(z.string().nullable()).transform((points) => points.filter((point) => point !== null)),
  get children(): z.ZodOptional<z.ZodArray<typeof Node>> {
    return z.array(Node).optional();
  },
});
const Report = z.object({ blockdevices: z.array(Node) });

/** One device with all that stands on it. Serial, WWN, vendor, file system, table, type and UUID of a
 * partition come from the udev database. */
export type LsblkNode = z.infer<typeof Node>;

/** Lists all block devices as trees; a device that stands on several is in several. @see lsblk(8) */
export async function lsblk(run: Run, options: RunOptions): Promise<LsblkNode[]> {
  const output = await run('lsblk', ['--json', '--bytes', '--output', columns], { ...options, on: 'lsblk' });
  if (output.exitCode !== 0) throw refusal('lsblk', output, []);
  return parseJson('lsblk', Report, output.stdout).blockdevices;
}

/** One device with all that stands on it. @throws CommandError `DEVICE_NOT_FOUND` */
export async function lsblkOne(run: Run, path: string, command: string, options: RunOptions): Promise<LsblkNode> {
  const output = await run('lsblk', ['--json', '--bytes', '--output', columns, '--', path], { ...options, on: path });
  if (output.exitCode !== 0) throw refusal(command, output, [[/not a block device|No such/i, 'DEVICE_NOT_FOUND']]);
  const [node] = parseJson('lsblk', Report, output.stdout).blockdevices;
  return node ?? refuse('DEVICE_NOT_FOUND', command);
}
