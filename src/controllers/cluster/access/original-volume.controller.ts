import { builtin, type Cache, controller, done, index, type Node, watch } from '@dot-kube/operator';
import { csiDriverName, volumeLabelDomain, volumeLabelKey } from '../../../api/names.ts';
import { volumeOf } from './pod-volumes.ts';
import { affinityOf } from './volume-affinity.ts';

/** external-attacher, which the original ran and we don't, put this on PersistentVolumes: nobody else takes it off. */
export const attacherFinalizer = 'external-attacher/lvm-hwameistor-io';

/** Keys of labels of a node by which volumes can be used there. */
const usableOn = (node: Node | undefined): string[] =>
  Object.entries(node?.metadata.labels ?? {}).flatMap(([key, value]) =>
    key.startsWith(`${volumeLabelDomain}/`) && value === 'replica' ? [key] : [],
  );
const nodesUsable = index(builtin.Node, usableOn);

const ofLabel = (cache: Cache, keys: readonly string[]): string[] =>
  cache
    .list(builtin.PersistentVolume, (one) => keys.includes(volumeLabelKey(volumeOf(one) ?? '')))
    .map(({ metadata }) => metadata.name);

/**
 * PersistentVolumes that the original made: they have no affinity, and get the one by which pods follow the volume once its
 * label stands somewhere, which the API server allows once. What its attacher left on them goes.
 */
export const originalVolumeController = () =>
  controller({
    name: 'original-volume',
    resource: builtin.PersistentVolume,
    watches: [
      watch(builtin.Node, (node, cache) => ofLabel(cache, usableOn(node)), {
        when: (before, now) => usableOn(before).join() !== usableOn(now).join(),
      }),
    ],
    reconcile: async ({ object: persistentVolume, cache, client }) => {
      const volume = volumeOf(persistentVolume);
      if (volume === undefined) return done;
      const { name, resourceVersion, deletionTimestamp, finalizers = [] } = persistentVolume.metadata;
      const left = finalizers.filter((finalizer) => finalizer !== attacherFinalizer);
      const isLabelled = cache.list(builtin.Node, nodesUsable(volumeLabelKey(volume))).length > 0;
      const needsAffinity =
        persistentVolume.spec?.nodeAffinity === undefined && isLabelled && deletionTimestamp === undefined;
      if (left.length === finalizers.length && !needsAffinity) return done;
      await client.patch(builtin.PersistentVolume, name, {
        metadata: { resourceVersion, ...(left.length === finalizers.length ? {} : { finalizers: left }) },
        ...(needsAffinity ? { spec: { nodeAffinity: affinityOf(volume) } } : {}),
      });
      return done;
    },
  });

/**
 * VolumeAttachments of the original's driver: ours needs none, so nothing would ever take them off. As long as the CSIDriver
 * asks for them, Kubernetes would make them anew.
 */
export const originalAttachmentController = () =>
  controller({
    name: 'original-attachment',
    resource: builtin.VolumeAttachment,
    reconcile: async ({ object: attachment, client }) => {
      if (attachment.spec?.attacher !== csiDriverName) return done;
      const driver = await client.get(builtin.CSIDriver, csiDriverName);
      if (driver?.spec?.attachRequired !== false) return done;
      const { name, uid, resourceVersion, finalizers = [] } = attachment.metadata;
      if (finalizers.length > 0)
        await client.patch(builtin.VolumeAttachment, name, { metadata: { resourceVersion, finalizers: null } });
      await client.delete(builtin.VolumeAttachment, name, uid === undefined ? {} : { uid });
      return done;
    },
  });
