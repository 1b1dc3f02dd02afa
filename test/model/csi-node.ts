import { silentLog } from '@dot-kube/operator';
import type { FileSystem } from '../../src/api/file-systems.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import type { Wanted } from '../../src/csi/node/capability.ts';
import type { NodeContext } from '../../src/csi/node/context.ts';
import { NodeVolumes } from '../../src/csi/node/node-volumes.ts';
import type { HostTools } from '../../src/node/tools.ts';
import { identity, type ModelCluster } from './cluster.ts';

export const never = new AbortController().signal;
export const kubeletDir = '/var/lib/kubelet';
export const staging = '/var/lib/kubelet/staging';
export const target = '/var/lib/kubelet/target';

export const asFileSystem = (fsType?: FileSystem): Wanted => ({
  use: { kind: 'filesystem', fsType, options: [] },
  readOnly: false,
  exclusive: false,
});
export const asBlock: Wanted = { use: { kind: 'block' }, readOnly: false, exclusive: false };

/** What a fresh process on a node works with. */
export const contextOn = (cluster: ModelCluster, node: string, tools?: HostTools): NodeContext => ({
  node,
  clusterId: identity.clusterId,
  kubeletDir,
  client: cluster.api.client({ user: { username: node } }),
  tools: tools ?? cluster.world.host(node).tools,
  clock: cluster.clock,
  log: silentLog,
  until: never,
});

export const nodeVolumes = (cluster: ModelCluster, node: string, tools?: HostTools): NodeVolumes =>
  new NodeVolumes(contextOn(cluster, node, tools));

export const recordOf = async (cluster: ModelCluster, volume = 'vol') =>
  (await cluster.objects(LocalVolumeWriter)).get(volume)?.spec;

/** Where things are mounted on a node: `target device`. */
export const mountsOn = async (cluster: ModelCluster, node: string): Promise<string[]> =>
  (await cluster.world.host(node).tools.fs.mounts(never)).map(({ target: at, device }) => `${at} ${device}`);
