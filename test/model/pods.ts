import {
  builtin,
  type Client,
  type Controller,
  controller,
  done,
  type Node,
  type Pod,
  type PersistentVolume,
  watch,
} from '@dot-kube/operator';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { csiDriverName, volumeLabelKey } from '../../src/api/names.ts';
import type { ModelCluster } from './cluster.ts';

const namespace = 'default';

/** What external-provisioner and the binder of PersistentVolumes make of a claim: it is bound to that volume. */
export async function bindClaim({ kubectl }: ModelCluster, claimName: string, volume: string): Promise<void> {
  const claimRef = { kind: 'PersistentVolumeClaim', namespace, name: claimName };
  const term = { matchExpressions: [{ key: volumeLabelKey(volume), operator: 'In', values: ['replica'] }] };
  await kubectl.create(builtin.PersistentVolume, {
    metadata: { name: volume },
    spec: {
      csi: { driver: csiDriverName, volumeHandle: volume },
      claimRef,
      nodeAffinity: { required: { nodeSelectorTerms: [term] } },
    },
    status: { phase: 'Bound' },
  });
  await kubectl.create(builtin.PersistentVolumeClaim, {
    metadata: { name: claimName, namespace },
    spec: { volumeName: volume },
    status: { phase: 'Bound' },
  });
}

export interface PodOrder {
  readonly claims: readonly string[];
  readonly nodeName?: string;
  /** Name of the StatefulSet that makes it anew. */
  readonly owner?: string;
  readonly ownerKind?: string;
}

export const createPod = (
  kubectl: Client,
  name: string,
  { claims, nodeName, owner, ownerKind = 'StatefulSet' }: PodOrder,
): Promise<Pod> =>
  kubectl.create(builtin.Pod, {
    metadata: {
      name,
      namespace,
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [{ apiVersion: 'apps/v1', kind: ownerKind, name: owner, uid: owner, controller: true }],
          }),
    },
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
    },
  });

/** As `kubectl drain` does: the node is cordoned, and the pod evicted through the API. */
export async function evict({ kubectl }: ModelCluster, node: string, ...pods: string[]): Promise<void> {
  await kubectl.patch(builtin.Node, node, { spec: { unschedulable: true } });
  for (const name of pods) {
    const pod = (await kubectl.get(builtin.Pod, name, { namespace }))!;
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' } as const;
    await kubectl.updateStatus(builtin.Pod, { ...pod, status: { ...pod.status, conditions: [condition] } });
    await kubectl.delete(builtin.Pod, name, { namespace });
  }
}

const claimNames = (pod: Pod): string[] =>
  (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName],
  );

const fits = ({ metadata }: Node, { spec }: PersistentVolume): boolean =>
  spec?.nodeAffinity?.required?.nodeSelectorTerms.some(({ matchExpressions = [] }) =>
    matchExpressions.every(({ key, values }) => values?.includes(metadata.labels?.[key] ?? '')),
  ) ?? true;

export interface KubernetesOptions {
  /** By name, which is that of their one pod, its claims. */
  readonly statefulSets?: Record<string, readonly string[]>;
  /** Whether the node has CPU and memory for the pod, and what else a scheduler asks for. */
  readonly fitsPod?: (pod: string, node: string) => boolean;
  /** Whether kubelet of the node comes to let pods have their volumes. */
  readonly stages?: (node: string) => boolean;
}

/**
 * The stock scheduler as far as storage goes: a pod goes to a node that takes pods and matches the affinity of all its
 * volumes; among several to the last by name. The StatefulSet controller makes pods anew, kubelet on each node lets
 * them have their volumes when the writer record does, and gives the volumes back when they are deleted.
 */
export function kubernetes({
  statefulSets = {},
  fitsPod = () => true,
  stages = () => true,
}: KubernetesOptions = {}): Controller[] {
  const scheduler = controller({
    name: 'scheduler',
    resource: builtin.Pod,
    watches: [
      watch(builtin.PersistentVolume, () => []),
      watch(builtin.PersistentVolumeClaim, () => []),
      watch(builtin.Node, (_node, cache) =>
        cache.list(builtin.Pod).map(({ metadata }) => ({ name: metadata.name, namespace })),
      ),
    ],
    reconcile: async ({ object: pod, cache, client }) => {
      if (pod.spec?.nodeName !== undefined || pod.metadata.deletionTimestamp !== undefined) return done;
      const volumes = claimNames(pod).flatMap((claim) => {
        const bound = cache.get(builtin.PersistentVolumeClaim, claim, namespace)?.spec?.volumeName;
        const volume = bound === undefined ? undefined : cache.get(builtin.PersistentVolume, bound);
        return volume === undefined ? [] : [volume];
      });
      const [node] = cache
        .list(builtin.Node, (one) => one.spec?.unschedulable !== true && volumes.every((volume) => fits(one, volume)))
        .map(({ metadata }) => metadata.name)
        .filter((name) => fitsPod(pod.metadata.name, name))
        .sort()
        .reverse();
      if (node !== undefined)
        await client.patch(builtin.Pod, pod.metadata.name, { spec: { nodeName: node } }, { namespace });
      return done;
    },
  });
  const kubelet = controller({
    name: 'kubelet',
    resource: builtin.Pod,
    finalizer: {
      name: 'test/kubelet',
      holds: ({ metadata }) => (metadata.ownerReferences ?? []).length > 0,
      cleanUp: async ({ object: pod, client, cache }) => {
        for (const claim of claimNames(pod)) {
          const volume = cache.get(builtin.PersistentVolumeClaim, claim, namespace)?.spec?.volumeName ?? '';
          const record = await client.get(LocalVolumeWriter, volume);
          if (record === undefined || record.spec.node !== pod.spec?.nodeName) continue;
          const { node: _node, vgUUID: _group, ...spec } = record.spec;
          await client.update(LocalVolumeWriter, { ...record, spec });
        }
        return { kind: 'gone' };
      },
    },
    watches: [
      watch(LocalVolumeWriter, (_record, cache) =>
        cache.list(builtin.Pod).map(({ metadata }) => ({ name: metadata.name, namespace })),
      ),
      watch(builtin.PersistentVolumeClaim, () => []),
      watch(builtin.PersistentVolume, () => []),
      watch(builtin.Node, (_node, cache) =>
        cache.list(builtin.Pod).map(({ metadata }) => ({ name: metadata.name, namespace })),
      ),
    ],
    reconcile: async ({ object: pod, client, cache }) => {
      const node = pod.spec?.nodeName;
      if (node === undefined || !stages(node) || pod.status?.phase === 'Running') return done;
      for (const claim of claimNames(pod)) {
        const volume = cache.get(builtin.PersistentVolumeClaim, claim, namespace)?.spec?.volumeName ?? '';
        const persistentVolume = cache.get(builtin.PersistentVolume, volume);
        const here = cache.get(builtin.Node, node);
        if (persistentVolume === undefined || here === undefined || !fits(here, persistentVolume)) return done;
        const record = await client.get(LocalVolumeWriter, volume);
        if (record === undefined) return done;
        if (record.spec.node === node) continue;
        const { inSync, moveTo } = record.spec;
        const member = [...inSync, ...(moveTo === undefined ? [] : [moveTo])].find((one) => one.node === node);
        if (record.spec.node !== undefined || member === undefined) return done;
        await client.update(LocalVolumeWriter, { ...record, spec: { ...record.spec, ...member } });
      }
      await client.updateStatus(builtin.Pod, { ...pod, status: { ...pod.status, phase: 'Running' } });
      return done;
    },
    absent: async ({ name, client }) => {
      const claims = statefulSets[name];
      if (claims !== undefined) await createPod(client, name, { claims, owner: name });
      return done;
    },
  });
  return [scheduler, kubelet];
}

export const podOn = async (cluster: ModelCluster, name: string): Promise<string | undefined> =>
  (await cluster.kubectl.get(builtin.Pod, name, { namespace }))?.spec?.nodeName;
