import { expect, test } from 'vitest';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { parseLogicalVolumeTags } from '../../src/api/tags.ts';
import { contentOf, type VolumeContent } from '../../src/api/volume-content.ts';
import { signal } from '../contract/bench.ts';
import { cordon, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';

const minute = 60_000;

/** What a node does to a volume that it formats, or finds formatted. */
async function tell(cluster: ModelCluster, node: string, formatted: string): Promise<void> {
  const { lvm } = cluster.world.host(node).tools;
  const [volume] = await lvm.logicalVolumes(signal);
  if (volume === undefined) throw new Error(`no volume on ${node}`);
  const { volumeGroup, name, uuid } = volume;
  const change = { add: [`hwameistor.io/formatted=${formatted}`], remove: ['hwameistor.io/blank=yes'] };
  await lvm.changeLogicalVolumeTags({ volumeGroup, name, uuid, ...change }, signal);
  await cluster.run({ forMs: minute });
}

async function contentOn(cluster: ModelCluster, node: string): Promise<VolumeContent[]> {
  const volumes = await cluster.world.host(node).tools.lvm.logicalVolumes(signal);
  return volumes.map(({ tags }) => contentOf(parseLogicalVolumeTags(tags).tags));
}

test('a new volume is blank, and what it is formatted with is told by its objects', async () => {
  const cluster = await withVolume('vol', 'node1');
  const replicas = async () => [...(await cluster.objects(LocalVolumeReplica)).values()];
  expect((await replicas()).map(({ status }) => status?.content)).toEqual(['blank']);
  expect((await cluster.objects(LocalVolume)).get('vol')?.status?.fsType).toBeUndefined();
  await tell(cluster, 'node1', 'xfs');
  expect((await replicas()).map(({ status }) => status?.content)).toEqual(['xfs']);
  expect((await cluster.objects(LocalVolume)).get('vol')?.status).toMatchObject({ fsType: 'xfs', rawblock: false });
});

test.each(['blank', 'ext4', 'block', 'unknown'] as const)(
  'a volume of which is known that it is %s is that where it moves, too',
  async (content) => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    if (content !== 'blank') await tell(cluster, 'node1', content);
    await cordon(cluster.kubectl, 'node1');
    await cluster.run({ forMs: 2 * minute });
    expect(await contentOn(cluster, 'node1')).toEqual([]);
    expect(await contentOn(cluster, 'node2')).toEqual([content]);
  },
);
