import { findCondition } from '@dot-kube/operator';
import { inMemoryApiServer, virtualClock } from '@dot-kube/operator/testing';
import { describe, expect, test } from 'vitest';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { collidingDiskName, diskName } from '../../src/controllers/agent/disk-identity.ts';
import { discoverDisks } from '../../src/controllers/agent/discover-disks.ts';
import { writeFoundDisk } from '../../src/controllers/agent/local-disk-writer.ts';
import { hostTools } from '../../src/node/host-tools.ts';
import { type Recording, replay } from '../support/replay.ts';
import { recordings } from './recordings/index.ts';
import type { ExpectedDisk, LsblkRow, Shape } from './shape.ts';

const { signal } = new AbortController();
const node = 'node1';

/** Answers of the tools of such a machine, by command line. */
function answers({ lsblk, udevadm, probes }: Shape): Record<string, Recording> {
  const listing = (blockdevices: readonly LsblkRow[]): Recording => ({ stdout: JSON.stringify({ blockdevices }) });
  const perDisk = lsblk.flatMap((row): [string, Recording][] => {
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

/** The LocalDisks that an agent makes of such a machine. */
async function disksOf(shape: Shape): Promise<LocalDisk[]> {
  const { run } = replay(answers(shape));
  const agent = { node, tools: hostTools({ run, nodeName: node }), cluster: { clusterId: 'c', drbdKey: 'k' } };
  const clock = virtualClock();
  const client = inMemoryApiServer({ clock, resources: [LocalDisk] }).client();
  const pools = { groups: [], physicalVolumes: [], logicalVolumes: [] };
  const desk = { client, node, known: [], claims: new Set<string>(), actions: [], nowMs: clock.now(), signal };
  for (const found of await discoverDisks(agent, [], pools, signal)) await writeFoundDisk(desk, found);
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
