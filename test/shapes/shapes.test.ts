import { findCondition } from '@dot-kube/operator';
import { inMemoryApiServer, virtualClock } from '@dot-kube/operator/testing';
import { describe, expect, test } from 'vitest';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { collidingDiskName, diskName } from '../../src/controllers/agent/disk/disk-identity.ts';
import { discoverDisks } from '../../src/controllers/agent/disk/discover-disks.ts';
import { writeDisks } from '../../src/controllers/agent/disk/local-disk-writer.ts';
import { hostTools } from '../../src/node/host-tools.ts';
import { filesOf, neverFollowed, type Recording, replay } from '../support/replay.ts';
import { recordings } from './recordings/index.ts';
import type { ExpectedDisk, LsblkRow, Shape } from './shape.ts';

const { signal } = new AbortController();
const node = 'node1';

/** Answers of the tools of such a machine, by command line. */
function answers({ lsblk, udevadm, probes }: Shape): Record<string, Recording> {
  const listing = (blockdevices: readonly LsblkRow[]): Recording => ({ stdout: JSON.stringify({ blockdevices }) });
  // Who asks for sdb1 is not told of sdb.
  const rows = lsblk.flatMap(withPartitions).toSorted((a, b) => b.name.length - a.name.length);
  const perDisk = rows.flatMap((row): [string, Recording][] => {
    const path = String(row['path']);
    const probe = Object.entries(probes[path] ?? {}).map(([words, recording]): [string, Recording] =>
      words === 'dd' ? [`dd if=${path} `, recording] : [`${words} ${path}`, recording],
    );
    return probe.length === 0 ? [] : [[`lsblk -- ${path}`, listing([row])], ...probe];
  });
  return {
    ...Object.fromEntries(perDisk),
    'lsblk --json --bytes --output': listing(lsblk),
    'udevadm info': { stdout: udevadm },
  };
}

const withPartitions = (disk: LsblkRow): LsblkRow[] => {
  const children = (disk['children'] ?? []) as readonly LsblkRow[];
  return [disk, ...children.filter(({ type }) => type === 'part')];
};

/** The LocalDisks that an agent makes of such a machine. */
async function disksOf(shape: Shape): Promise<LocalDisk[]> {
  const { run } = replay(answers(shape));
  const tools = hostTools({
    run,
    files: filesOf({}),
    follow: neverFollowed,
    isHeldExclusively: async (path) => shape.probes[path]?.['open'] !== undefined,
    nodeName: node,
  });
  const agent = { node, tools, cluster: { clusterId: 'c', drbdKey: 'k' } };
  const clock = virtualClock();
  const client = inMemoryApiServer({ clock, resources: [LocalDisk] }).client();
  const nothing = { groups: [], physicalVolumes: [], logicalVolumes: [], mappings: [] };
  const sight = shape.lvm === 'missing' ? undefined : (shape.lvm ?? nothing);
  const desk = {
    client,
    node,
    cluster: agent.cluster,
    known: [],
    claims: new Set<string>(),
    actions: [],
    sight,
    pools: [],
    events: { emit: () => undefined },
    nowMs: clock.now(),
    signal,
  };
  await writeDisks(desk, await discoverDisks(agent, [], sight, async () => () => undefined, signal));
  return (await client.list(LocalDisk)).items;
}

/** One disk in the words of what is expected of it. */
function told({ metadata, spec, status }: LocalDisk, { says }: ExpectedDisk) {
  const usable = findCondition(status?.conditions, 'Usable');
  return {
    name: metadata.name,
    type: spec.diskAttributes?.type,
    partitions: (spec.partitionInfo ?? []).map(({ path, filesystem }) =>
      [path, filesystem?.fsType, filesystem?.mountPoint].filter((word) => word !== undefined).join(' '),
    ),
    state: status?.claimState,
    reason: usable?.reason,
    says: says.filter((words) => usable?.message.includes(words)),
    unsaid: says.every((words) => usable?.message.includes(words)) ? undefined : usable?.message,
  };
}

describe.each(Object.entries(recordings))('%s', (_name, shape) => {
  test('is told as a storage engineer would', async () => {
    const disks = await disksOf(shape);
    const byPath = new Map(disks.map((disk) => [disk.spec.devicePath ?? '', disk]));
    expect([...byPath.keys()].sort()).toEqual(Object.keys(shape.disks).sort());
    for (const [path, expected] of Object.entries(shape.disks)) {
      const { identity, sharesIdentity, ...rest } = expected;
      const name = sharesIdentity === true ? collidingDiskName(identity, node, path) : diskName(identity);
      const disk = byPath.get(path);
      expect(disk?.spec.uuid).toBe(identity);
      expect([path, disk && told(disk, expected)]).toEqual([path, { name, ...rest, unsaid: undefined }]);
    }
  });
});
