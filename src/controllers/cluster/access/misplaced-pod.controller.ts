import {
  after,
  builtin,
  type Cache,
  controller,
  done,
  index,
  type Node,
  type ObjectKey,
  type OwnerReference,
  type Pass,
  type Pod,
  type Result,
  watch,
} from '@dot-kube/operator';
import { LocalVolumeMigrate } from '../../../api/local-volume-migrate.schema.ts';
import { LocalVolumeWriter } from '../../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../../api/local-volume.schema.ts';
import { volumeLabelKey } from '../../../api/names.ts';
import { isFinished } from '../migrate-names.ts';
import { PodDeletions } from './pod-deletions.ts';
import { claimsOf, isUnfinished, podName, podsNamingClaim, podsOf, volumesOf } from './pod-volumes.ts';
import { migratesOf, nodesOf } from './volume-access.ts';

const lookMs = 60_000;

/** A volume that can't be used where its pod is. */
interface Elsewhere {
  readonly volume: string;
  readonly nodes: readonly string[];
}

const podsOn = index(builtin.Pod, ({ spec }) => (spec?.nodeName === undefined ? [] : [spec.nodeName]));

/**
 * Pods that were bound to a node where a volume of theirs can't go: by a scheduler that saw an old label, or by
 * `spec.nodeName`. Kubelet would try for ever. One that a controller makes anew is deleted, so that it gets another
 * chance; for any other one a person is told.
 */
export const misplacedPodController = () => {
  const deletions = new PodDeletions();
  /** By pod: the uid of the one that was told of. */
  const told = new Map<string, string>();
  return controller({
    name: 'misplaced-pod',
    resource: builtin.Pod,
    watches: [
      watch(LocalVolumeWriter, ({ metadata }, cache) => podsOf(cache, metadata.name).map(keyOfPod)),
      watch(builtin.PersistentVolume, () => []),
      watch(builtin.PersistentVolumeClaim, ({ metadata }, cache) => podsNamingClaim(cache, metadata).map(keyOfPod)),
      watch(builtin.Node, ({ metadata }, cache) => cache.list(builtin.Pod, podsOn(metadata.name)).map(keyOfPod), {
        when: (before, now) => JSON.stringify(before?.metadata.labels) !== JSON.stringify(now?.metadata.labels),
      }),
      watch(LocalVolume, () => []),
      watch(LocalVolumeMigrate, ({ spec }, cache) => podsOf(cache, spec.volumeName).map(keyOfPod)),
    ],
    when: (before, now) => [before, now].some((pod) => pod !== undefined && claimsOf(pod).length > 0),
    resyncMs: lookMs,
    reconcile: async (pass) => {
      const { object: pod, cache } = pass;
      if (!isMisplaced(pod, cache, cache.get(builtin.Node, pod.spec?.nodeName ?? ''))) return done;
      const found = await readAnew(pass);
      if (found === undefined) return done;
      const owner = makesAnew(pod);
      if (owner !== undefined) return deleteIt(pass, owner, found, deletions);
      if (told.get(podName(pod)) === pod.metadata.uid) return done;
      told.set(podName(pod), pod.metadata.uid ?? '');
      pass.events.emit({ type: 'Warning', reason: 'VolumeElsewhere', message: aloneWords(pod, found) });
      return done;
    },
    absent: async ({ namespace, name }) => {
      told.delete(`${namespace ?? ''}/${name}`);
      return done;
    },
  });
};

const keyOfPod = ({ metadata }: Pod): ObjectKey => ({
  name: metadata.name,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
});

/** A pod that runs has all its volumes, whatever labels say. */
const isWaiting = ({ metadata, spec, status }: Pod): boolean =>
  spec?.nodeName !== undefined &&
  metadata.deletionTimestamp === undefined &&
  (status?.phase ?? 'Pending') === 'Pending';

function isMisplaced(pod: Pod, cache: Cache, node: Node | undefined): boolean {
  if (!isWaiting(pod) || !isUnfinished(pod)) return false;
  return volumesOf(cache, pod).some((volume) => {
    const record = cache.get(LocalVolumeWriter, volume);
    return record !== undefined && elsewhere(pod, volume, record, node, cache) !== undefined;
  });
}

/**
 * A volume that the node has no copy of, that does not move there, and that has no label there for a pod to take it along.
 * One without a record or on its way out says nothing of nodes.
 */
function elsewhere(
  { spec }: Pod,
  volume: string,
  record: LocalVolumeWriter,
  node: Node | undefined,
  cache: Cache,
): Elsewhere | undefined {
  const here = spec?.nodeName ?? '';
  const wanted = cache.get(LocalVolume, volume);
  if (wanted === undefined || wanted.spec.delete || record.spec.delete) return undefined;
  const isComing = cache
    .list(LocalVolumeMigrate, migratesOf(volume))
    .some(({ status }) => status?.targetNode === here && !isFinished(status.state));
  const isLabelled = node?.metadata.labels?.[volumeLabelKey(volume)] === 'replica';
  const nodes = nodesOf(record);
  return isComing || isLabelled || nodes.includes(here) ? undefined : { volume, nodes };
}

/** What caches said may be past: a pod is not deleted for that. */
async function readAnew({ object: pod, cache, client }: Pass<Pod>): Promise<Elsewhere | undefined> {
  const { name, namespace = '', uid } = pod.metadata;
  const [latest, node] = await Promise.all([
    client.get(builtin.Pod, name, { namespace }),
    client.get(builtin.Node, pod.spec?.nodeName ?? ''),
  ]);
  if (latest === undefined || latest.metadata.uid !== uid || !isWaiting(latest)) return undefined;
  for (const volume of volumesOf(cache, latest)) {
    const record = await client.get(LocalVolumeWriter, volume);
    const found = record && elsewhere(latest, volume, record, node, cache);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A pod of a DaemonSet would be made anew on the very same node. */
const makesAnew = ({ metadata }: Pod): OwnerReference | undefined =>
  metadata.ownerReferences?.find(
    ({ controller, kind }) => controller === true && kind !== 'DaemonSet' && kind !== 'Node',
  );

async function deleteIt(
  { object: pod, client, events, now }: Pass<Pod>,
  owner: OwnerReference,
  found: Elsewhere,
  deletions: PodDeletions,
): Promise<Result> {
  const key = `${owner.uid} ${pod.spec?.nodeName}`;
  const waitMs = deletions.waitMs(key, now());
  if (waitMs > 0) return after(waitMs);
  deletions.note(key, now());
  const { name, namespace = '', uid } = pod.metadata;
  events.emit({ type: 'Warning', reason: 'VolumeElsewhere', message: ownedWords(pod, owner, found) });
  await client.delete(builtin.Pod, name, { namespace, ...(uid === undefined ? {} : { uid }) });
  return done;
}

const where = ({ spec }: Pod, { volume, nodes }: Elsewhere): string =>
  `Volume ${volume} can't be used on ${spec?.nodeName}, only on ${nodes.join(' or ') || 'no node now'} ` +
  `(kubectl get nodes -l ${volumeLabelKey(volume)}=replica).`;

const ownedWords = (pod: Pod, { kind, name }: OwnerReference, found: Elsewhere): string =>
  `${where(pod, found)} The pod is deleted, and ${kind} ${name} makes it anew for the scheduler to place. ` +
  'If that goes on, its template names the node: take spec.nodeName out of it.';

const aloneWords = (pod: Pod, found: Elsewhere): string => {
  const { name, namespace } = pod.metadata;
  return (
    `${where(pod, found)} The pod waits for ever: delete it (kubectl delete pod -n ${namespace} ${name}) and create it again ` +
    'without spec.nodeName, or for such a node.'
  );
};
