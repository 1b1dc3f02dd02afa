import { csiDriverName } from '../../api/names.ts';
import { sha256 } from '../../api/sha256.ts';

/** Whether kubelet stages a volume there. @see pkg/volume/csi/csi_attacher.go of Kubernetes, makeDeviceMountPath */
export const isStagingOf = (kubeletDir: string, volume: string, path: string): boolean =>
  path === `${kubeletDir}/plugins/kubernetes.io/csi/${csiDriverName}/${sha256(volume)}/globalmount`;
