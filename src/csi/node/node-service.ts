import { topologyNodeKey } from '../../api/names.ts';
import { CsiError } from '../grpc/csi-error.ts';
import { offer, type Offered } from '../grpc/server.ts';
import { Node, NodeServiceCapability_RPC_Type as Rpc, VolumeUsage_Unit as Unit } from '../proto/csi_pb.js';
import { wantedOf } from './capability.ts';
import type { NodeVolumes } from './node-volumes.ts';

const capabilities = [
  Rpc.STAGE_UNSTAGE_VOLUME,
  Rpc.GET_VOLUME_STATS,
  Rpc.EXPAND_VOLUME,
  Rpc.VOLUME_CONDITION,
  Rpc.SINGLE_NODE_MULTI_WRITER,
];

/** What kubelet asks of this node. */
export const nodeService = ({
  node,
  volumes,
  mostVolumes,
}: {
  node: string;
  volumes: NodeVolumes;
  /** How many volumes the pools of a node take. */
  mostVolumes: number;
}): Offered =>
  offer(Node, {
    nodeGetCapabilities: async () => ({
      capabilities: capabilities.map((type) => ({ type: { case: 'rpc', value: { type } } })),
    }),
    nodeGetInfo: async () => ({
      nodeId: node,
      maxVolumesPerNode: BigInt(mostVolumes),
      accessibleTopology: { segments: { [topologyNodeKey]: node } },
    }),
    nodeStageVolume: async ({ volumeId, stagingTargetPath, volumeCapability }, signal) => {
      given({ volume_id: volumeId, staging_target_path: stagingTargetPath });
      await volumes.stage(volumeId, stagingTargetPath, wantedOf(volumeCapability), signal);
      return {};
    },
    nodeUnstageVolume: async ({ volumeId, stagingTargetPath }, signal) => {
      given({ volume_id: volumeId, staging_target_path: stagingTargetPath });
      await volumes.unstage(volumeId, stagingTargetPath, signal);
      return {};
    },
    nodePublishVolume: async (request, signal) => {
      const { volumeId, stagingTargetPath, targetPath, volumeCapability, readonly } = request;
      given({ volume_id: volumeId, target_path: targetPath });
      const wanted = wantedOf(volumeCapability);
      given({ staging_target_path: stagingTargetPath });
      const publication = { volume: volumeId, stagingPath: stagingTargetPath, target: targetPath, wanted };
      await volumes.publish({ ...publication, readOnly: readonly }, signal);
      return {};
    },
    nodeUnpublishVolume: async ({ volumeId, targetPath }, signal) => {
      given({ volume_id: volumeId, target_path: targetPath });
      await volumes.unpublish(volumeId, targetPath, signal);
      return {};
    },
    nodeExpandVolume: async ({ volumeId, volumePath }, signal) => {
      given({ volume_id: volumeId, volume_path: volumePath });
      return { capacityBytes: BigInt(await volumes.grow(volumeId, volumePath, signal)) };
    },
    nodeGetVolumeStats: async ({ volumeId, volumePath }, signal) => {
      given({ volume_id: volumeId, volume_path: volumePath });
      const { usage, sizeBytes, isAbnormal, message } = await volumes.stats(volumeId, volumePath, signal);
      const volumeCondition = { abnormal: isAbnormal, message };
      if (usage === undefined) return { usage: [{ unit: Unit.BYTES, total: BigInt(sizeBytes) }], volumeCondition };
      const bytes = { total: usage.totalBytes, used: usage.usedBytes, available: usage.availableBytes };
      const inodes = {
        total: usage.totalInodes,
        used: usage.usedInodes,
        available: usage.totalInodes - usage.usedInodes,
      };
      const told = (unit: Unit, { total, used, available }: typeof bytes) => ({
        unit,
        total: BigInt(total),
        used: BigInt(used),
        available: BigInt(available),
      });
      return { usage: [told(Unit.BYTES, bytes), told(Unit.INODES, inodes)], volumeCondition };
    },
  });

/** @throws CsiError `INVALID_ARGUMENT` naming what is empty */
function given(fields: Readonly<Record<string, string>>): void {
  const [missing] = Object.entries(fields).find(([, value]) => value === '') ?? [];
  if (missing !== undefined) throw new CsiError('INVALID_ARGUMENT', `${missing} is missing in the call.`);
}
