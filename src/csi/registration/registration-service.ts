import type { Log } from '@dot-kube/operator';
import { csiDriverName } from '../../api/names.ts';
import { offer, type Offered } from '../grpc/server.ts';
import { Registration } from '../proto/pluginregistration_pb.js';

/**
 * Tells kubelet, which finds our socket in its folder, that there is a CSI driver and where it answers.
 * @see https://github.com/kubernetes/kubelet/blob/master/pkg/apis/pluginregistration/v1/api.proto
 */
export const registrationService = ({ endpoint, log }: { endpoint: string; log: Log }): Offered =>
  offer(Registration, {
    getInfo: async () => ({ type: 'CSIPlugin', name: csiDriverName, endpoint, supportedVersions: ['1.0.0'] }),
    notifyRegistrationStatus: async ({ pluginRegistered, error }) => {
      if (pluginRegistered) log.info({ driver: csiDriverName }, 'Registered the CSI driver with kubelet');
      else log.error({ driver: csiDriverName, err: error }, 'Kubelet did not take the CSI driver');
      return {};
    },
  });
