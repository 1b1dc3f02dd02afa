import { builtin } from '@dot-kube/operator';
import { beforeEach, describe, expect, test } from 'vitest';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { never } from './csi-node.ts';
import { bindClaim, createPod, kubernetes, type PodOrder, podOn } from './pods.ts';

const minute = 60_000;
let cluster: ModelCluster;

beforeEach(async () => {
  cluster = await withVolume('vol', 'node1', 'node2');
  await bindClaim(cluster, 'data', 'vol');
});

const put = (order: Partial<PodOrder> = {}) =>
  createPod(cluster.kubectl, 'web', { claims: ['data'], nodeName: 'node2', ...order });

const notes = async (): Promise<(string | undefined)[]> =>
  [...(await cluster.objects(builtin.Event)).values()]
    .filter(({ reason }) => reason === 'VolumeElsewhere')
    .map(({ note }) => note);

/** Times that the pod was deleted. */
async function deletions(run: (intercepting: NonNullable<Parameters<ModelCluster['run']>[0]>) => Promise<void>) {
  let count = 0;
  await run({
    intercept: (write, act) => {
      if (write.verb === 'delete' && write.resource === 'pods') count += 1;
      return act();
    },
  });
  return count;
}

test('a pod on the wrong node that its StatefulSet makes anew is deleted, and comes where its volume is', async () => {
  await put({ owner: 'web' });
  await cluster.run({ beside: kubernetes({ statefulSets: { web: ['data'] } }), forMs: minute });
  expect(await podOn(cluster, 'web')).toBe('node1');
  expect(await notes()).toEqual([
    "Volume vol can't be used on node2, only on node1 (kubectl get nodes -l volume.hwameistor.io/vol=replica). The pod is " +
      'deleted, and StatefulSet web makes it anew for the scheduler to place. If that goes on, its template names the node: take spec.nodeName out of it.',
  ]);
});

describe('a pod that nobody makes anew', () => {
  test.each([
    ['has no owner', {}],
    ['is of a DaemonSet, which would put it there again', { ownerKind: 'DaemonSet' }],
  ])(
    'because it %s stays and is told of once, with what to do',
    async (_why, { ownerKind }: { ownerKind?: string }) => {
      await put(ownerKind === undefined ? {} : { owner: 'web', ownerKind });
      await cluster.run({ forMs: 10 * minute });
      expect(await podOn(cluster, 'web')).toBe('node2');
      expect(await notes()).toEqual([
        "Volume vol can't be used on node2, only on node1 (kubectl get nodes -l volume.hwameistor.io/vol=replica). The pod waits " +
          'for ever: delete it (kubectl delete pod -n default web) and create it again without spec.nodeName, or for such a node.',
      ]);
      const [event] = [...(await cluster.objects(builtin.Event)).values()].filter(
        ({ reason }) => reason === 'VolumeElsewhere',
      );
      expect(event?.series).toBeUndefined();
    },
  );
});

describe('is left alone: a pod', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['on the node of its volume', () => put({ owner: 'web', nodeName: 'node1' })],
    [
      'that runs, whatever labels say',
      async () =>
        cluster.kubectl.updateStatus(builtin.Pod, { ...(await put({ owner: 'web' })), status: { phase: 'Running' } }),
    ],
    ['whose claim is not ours', () => put({ owner: 'web', claims: ['other'] })],
    [
      'whose volume has no writer record, so that nobody knows where it can go',
      async () => {
        const { lvm } = cluster.world.host('node1').tools;
        const [volume] = await lvm.logicalVolumes(never);
        await lvm.changeLogicalVolumeTags({ ...volume!, add: ['hwameistor.io/in-sync=node9:group9'] }, never);
        await cluster.kubectl.delete(LocalVolumeWriter, 'vol');
        await put({ owner: 'web' });
      },
    ],
  ])('%s', async (_what, make) => {
    await make();
    const count = await deletions((options) => cluster.run({ ...options, forMs: 5 * minute }));
    expect([count, await notes()]).toEqual([0, []]);
  });
});
