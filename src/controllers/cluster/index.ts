import type { Controller } from '@dot-kube/operator';
import { misplacedPodController } from './access/misplaced-pod.controller.ts';
import { nodeLabelsController } from './access/node-labels.controller.ts';
import { originalAttachmentController, originalVolumeController } from './access/original-volume.controller.ts';
import { PodFollower } from './access/pod-follower.ts';
import { unclaimedVolumeController } from './access/unclaimed-volume.controller.ts';
import { localDiskActionController } from './local-disk-action.controller.ts';
import { orphanedClaimController } from './local-disk-claim.controller.ts';
import { localStorageNodeController, type LocalStorageNodeOptions } from './local-storage-node.controller.ts';
import { localVolumeMigrateController } from './local-volume-migrate.controller.ts';
import { localVolumeController, type LocalVolumeOptions } from './local-volume.controller.ts';
import { orphanedPairController } from './orphaned-pair.controller.ts';
import { Promises } from './promises.ts';
import { unseenDiskController } from './unseen-disk.controller.ts';

export type ClusterOptions = LocalStorageNodeOptions & Omit<LocalVolumeOptions, 'promises'>;

/** Everything that is decided for the whole cluster, in one elected process. */
export function clusterControllers(options: ClusterOptions = {}): Controller[] {
  const promises = new Promises();
  const follower = new PodFollower(promises);
  return [
    localVolumeController({ ...options, promises }),
    localVolumeMigrateController({ promises }),
    localStorageNodeController({ ...options, follower }),
    nodeLabelsController({ follower }),
    misplacedPodController(),
    unclaimedVolumeController(),
    originalVolumeController(),
    originalAttachmentController(),
    localDiskActionController(),
    orphanedClaimController(),
    orphanedPairController(),
    unseenDiskController(),
  ];
}
