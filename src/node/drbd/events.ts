import * as z from 'zod';
import type { DrbdResource } from '../../api/observed/index.ts';
import { CommandError } from '../errors.ts';
import type { Run, RunOptions } from '../run.ts';
import { drbdRefusal } from './refusals.ts';

const Role = z.enum(['Primary', 'Secondary', 'Unknown']);
const Disk = z.enum([
  'Diskless',
  'Attaching',
  'Detaching',
  'Failed',
  'Negotiating',
  'Inconsistent',
  'Outdated',
  'DUnknown',
  'Consistent',
  'UpToDate',
]);
const Kibibytes = z
  .string()
  .regex(/^\d+$/)
  .transform((count) => Number(count) * 1024);
const name = z.string();

const Line = z.discriminatedUnion('of', [
  z.object({ of: z.literal('resource'), name, role: Role, suspended: z.string() }),
  z.object({
    of: z.literal('connection'),
    name,
    role: Role,
    connection: z.enum([
      'StandAlone',
      'Disconnecting',
      'Unconnected',
      'Timeout',
      'BrokenPipe',
      'NetworkFailure',
      'ProtocolError',
      'TearDown',
      'Connecting',
      'Connected',
    ]),
  }),
  z.object({
    of: z.literal('device'),
    name,
    minor: z.string().regex(/^\d+$/).transform(Number),
    disk: Disk,
    size: Kibibytes.default(0),
  }),
  z.object({
    of: z.literal('peer-device'),
    name,
    replication: z.string(),
    'peer-disk': Disk,
    'out-of-sync': Kibibytes.default(0),
  }),
]);

/**
 * What the kernel runs, sorted by name. `events2` prints the same words for an 8.4 module as for 9; one peer and one
 * volume a resource are expected, as this product makes them.
 * @throws CommandError `UNEXPECTED_OUTPUT`
 * @see drbdsetup(8), events2
 */
export async function drbdResources(run: Run, options: RunOptions): Promise<DrbdResource[]> {
  const output = await run('drbdsetup', ['events2', '--now', '--statistics'], {
    ...options,
    on: 'drbdsetup events2',
  });
  if (output.exitCode !== 0) throw drbdRefusal('drbdsetup events2', output);
  return parseEvents(output.stdout);
}

export function parseEvents(text: string): DrbdResource[] {
  const resources = new Map<string, DrbdResource>();
  const change = (name: string, more: Partial<DrbdResource>): void => {
    resources.set(name, { ...(resources.get(name) ?? blank(name)), ...more });
  };
  for (const line of text.split('\n')) {
    const words = line.trim().split(' ');
    if (words[0] !== 'exists' || words[1] === '-' || words[1] === 'path') continue;
    const fields = Object.fromEntries(words.slice(2).map((word) => splitOnce(word)));
    const parsed = Line.safeParse({ of: words[1], ...fields });
    if (!parsed.success)
      throw new CommandError({ code: 'UNEXPECTED_OUTPUT', command: 'drbdsetup events2', stderr: line });
    const { data } = parsed;
    if (data.of === 'resource') change(data.name, { role: data.role, suspended: data.suspended !== 'no' });
    else if (data.of === 'connection') change(data.name, { connection: data.connection, peerRole: data.role });
    else if (data.of === 'device') change(data.name, { minor: data.minor, disk: data.disk, sizeBytes: data.size });
    else
      change(data.name, {
        replication: data.replication,
        peerDisk: data['peer-disk'],
        outOfSyncBytes: data['out-of-sync'],
      });
  }
  return [...resources.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A resource with no connection and no device configured. */
const blank = (name: string): DrbdResource => ({
  name,
  role: 'Secondary',
  peerRole: 'Unknown',
  connection: 'StandAlone',
  replication: 'Off',
  disk: 'Diskless',
  peerDisk: 'DUnknown',
  outOfSyncBytes: 0,
  suspended: false,
  sizeBytes: 0,
});

function splitOnce(word: string): [string, string] {
  const at = word.indexOf(':');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}
