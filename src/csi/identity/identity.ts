import { csiDriverName } from '../../api/names.ts';
import { offer, type Offered } from '../grpc/server.ts';
import { Identity, PluginCapability_Service_Type, PluginCapability_VolumeExpansion_Type } from '../proto/csi_pb.js';

/** Who answers on a socket, the same on nodes and beside the sidecars. */
export const identityService = ({ version, isReady }: { version: string; isReady: () => boolean }): Offered =>
  offer(Identity, {
    getPluginInfo: async () => ({ name: csiDriverName, vendorVersion: version }),
    getPluginCapabilities: async () => ({
      capabilities: [
        service(PluginCapability_Service_Type.CONTROLLER_SERVICE),
        service(PluginCapability_Service_Type.VOLUME_ACCESSIBILITY_CONSTRAINTS),
        {
          type: { case: 'volumeExpansion' as const, value: { type: PluginCapability_VolumeExpansion_Type.ONLINE } },
        },
      ],
    }),
    probe: async () => ({ ready: isReady() }),
  });

const service = (type: PluginCapability_Service_Type) => ({ type: { case: 'service' as const, value: { type } } });
