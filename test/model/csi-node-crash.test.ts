import { interceptWrites } from '@dot-kube/operator/testing';
import { expect, test } from 'vitest';
import { NodeVolumes } from '../../src/csi/node/node-volumes.ts';
import type { Wanted } from '../../src/csi/node/capability.ts';
import { pool, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import {
  asBlock,
  asFileSystem,
  contextOn,
  mountsOn,
  never,
  nodeVolumes,
  recordOf,
  staging,
  target,
} from './csi-node.ts';

const device = `/dev/${pool}/vol`;

/** Ends the process around its nth change, of the host or of the API server; it may do nothing more. */
function mortalVolumes(cluster: ModelCluster, killAt: number, when: 'before' | 'after') {
  let changes = 0;
  let dead = false;
  const around = (at: 'before' | 'after'): void => {
    if (dead || (at === when && changes === killAt)) {
      dead = true;
      throw new Error('killed');
    }
    if (at === 'after') changes += 1;
  };
  cluster.world.onStep = (step) => around(step.when);
  const context = contextOn(cluster, 'node1');
  const client = interceptWrites(context.client, async (_write, act) => {
    around('before');
    const done = await act();
    around('after');
    return done;
  });
  return { volumes: new NodeVolumes({ ...context, client }), wasKilled: () => dead };
}

const life = async (volumes: NodeVolumes, wanted: Wanted): Promise<void> => {
  await volumes.stage('vol', staging, wanted, never);
  await volumes.publish({ volume: 'vol', stagingPath: staging, target, wanted, readOnly: false }, never);
};
const end = async (volumes: NodeVolumes): Promise<void> => {
  await volumes.unpublish('vol', target, never);
  await volumes.unstage('vol', staging, never);
};

test.each([
  ['a file system', asFileSystem('ext4'), 'ext4'],
  ['raw blocks', asBlock, ''],
] as const)('a volume as %s is the same, whatever change its agent was killed around', async (_what, wanted, type) => {
  let kills = 0;
  for (const when of ['before', 'after'] as const)
    for (let killAt = 0; ; killAt += 1) {
      const cluster = await withVolume('vol', 'node1');
      const host = cluster.world.host('node1');
      await host.tools.fs.zero({ device, onProgress: () => undefined }, never);
      const { volumes, wasKilled } = mortalVolumes(cluster, killAt, when);
      await life(volumes, wanted)
        .then(() => end(volumes))
        .catch(() => undefined);
      cluster.world.onStep = undefined;
      if (!wasKilled()) break;
      kills += 1;
      // What had been handed out is never made anew.
      const wasMounted = (await mountsOn(cluster, 'node1')).length > 0;
      const formatted = host.formatted.length;
      const fresh = nodeVolumes(cluster, 'node1');
      await life(fresh, wanted);
      if (wasMounted) expect(host.formatted).toHaveLength(formatted);
      expect(await mountsOn(cluster, 'node1'), `killed ${when} change ${killAt}`).not.toEqual([]);
      host.write(device, 'of the pod');
      await end(fresh);
      expect((await recordOf(cluster))?.node).toBeUndefined();
      expect(await mountsOn(cluster, 'node1')).toEqual([]);
      const copies = cluster.world.copiesOf('vol');
      expect(copies).toMatchObject([{ data: 'of the pod', signatures: type }]);
      expect(copies[0]?.tags).toContain(`hwameistor.io/formatted=${type === '' ? 'block' : type}`);
    }
  expect(kills).toBeGreaterThan(10);
});
