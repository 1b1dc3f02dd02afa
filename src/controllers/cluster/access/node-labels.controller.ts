import { isDeepStrictEqual } from 'node:util';
import { builtin, type Client, controller, done, index, type Node, type Pass, watch } from '@dot-kube/operator';
import { LocalVolumeMigrate } from '../../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../../api/local-volume.schema.ts';
import { fieldManagers, scaleDownDisabledAnnotation, volumeLabelDomain, volumeLabelKey } from '../../../api/names.ts';
import { followedValue } from './following.ts';
import { followerWatches, type PodFollower } from './pod-follower.ts';
import { isWell, nodesOf, recordsNaming, volumeAccess } from './volume-access.ts';
import { volumeNodes } from './volume-nodes.ts';

type Labels = Record<string, string>;

/** What we have to say about one node. */
interface Wanted {
  readonly labels: Labels;
  readonly annotations: Labels;
}

const replicasOn = index(LocalVolumeReplica, ({ spec }) => [spec.nodeName]);
const volumesOn = index(LocalVolume, ({ spec }) => (spec.config?.replicas ?? []).map(({ hostname }) => hostname));

/**
 * Keeps on each node one label for each volume that can be used there: by it the stock scheduler puts a pod where its data
 * are, and kubelet refuses any other node. It is a hint; the writer record is the gate. All labels of a node go in one
 * apply, against the very version that was looked at, so that a leader that is late writes nothing.
 */
export const nodeLabelsController = ({ follower }: { follower: PodFollower }) => {
  /** By node: what this process said last. Only so it knows whether an annotation that is there and not wanted was its own. */
  const said = new Map<string, Wanted>();
  return controller({
    name: 'node-labels',
    resource: builtin.Node,
    watches: [
      ...followerWatches,
      watch(LocalVolumeWriter, nodesOf),
      watch(LocalVolumeReplica, ({ spec }, cache) => {
        const record = cache.get(LocalVolumeWriter, spec.volumeName);
        return [spec.nodeName, ...(record === undefined ? [] : nodesOf(record))];
      }),
      watch(LocalVolume, ({ metadata }, cache) => {
        const record = cache.get(LocalVolumeWriter, metadata.name);
        return record === undefined ? [] : nodesOf(record);
      }),
      watch(LocalVolumeMigrate, ({ spec, status }) => [
        spec.sourceNode,
        ...(status?.targetNode ? [status.targetNode] : []),
      ]),
      // Where the node that uses a volume takes no pods, those of its other copies do.
      watch(
        builtin.Node,
        ({ metadata }, cache) => cache.list(LocalVolumeWriter, recordsNaming(metadata.name)).flatMap(nodesOf),
        { when: (before, after) => isWell(before) !== isWell(after) },
      ),
    ],
    concurrency: 4,
    // Pods that have to be placed, and room that is reserved for them, change labels with no object of the node changing.
    trigger: (add, signal) => follower.follow(add, signal),
    reconcile: async (pass) => {
      const { object: node, client } = pass;
      const { name, uid, resourceVersion } = node.metadata;
      const wanted = await wantedOn(pass, follower);
      if (isSaid(node, wanted, said.get(name))) return done;
      // A map that is said to be empty would be refused as null once its last member goes.
      const metadata = {
        name,
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(isEmpty(wanted.labels) ? {} : { labels: wanted.labels }),
        ...(isEmpty(wanted.annotations) ? {} : { annotations: wanted.annotations }),
      };
      const options = { fieldManager: fieldManagers.nodeLabels, force: true };
      const applied = await client.apply(builtin.Node, { metadata }, options);
      await removeStrays(client, applied, wanted.labels);
      said.set(name, wanted);
      return done;
    },
    absent: async ({ name }) => {
      said.delete(name);
      return done;
    },
  });
};

const isEmpty = (labels: Labels): boolean => Object.keys(labels).length === 0;

/** Labels of a node that are of ours by their name, whoever set them. */
const ours = ({ metadata }: Node): Labels =>
  Object.fromEntries(
    Object.entries(metadata.labels ?? {}).filter(([label]) => label.startsWith(`${volumeLabelDomain}/`)),
  );

function isSaid(node: Node, wanted: Wanted, before: Wanted | undefined): boolean {
  const present = node.metadata.annotations?.[scaleDownDisabledAnnotation];
  const isSet = present === wanted.annotations[scaleDownDisabledAnnotation];
  // What is left after this process said its word is somebody else's.
  const isSettled = isSet || (isEmpty(wanted.annotations) && isDeepStrictEqual(before, wanted));
  return isSettled && isDeepStrictEqual(ours(node), wanted.labels);
}

async function wantedOn({ object: node, cache, client, now }: Pass<Node>, follower: PodFollower): Promise<Wanted> {
  const { name } = node.metadata;
  const present = ours(node);
  const labels: Labels = {};
  const followings = follower.look(cache, now());
  for (const [volume, following] of followings)
    if (followedValue(undefined, following, { node: name, takesPods: true }) === 'replica')
      labels[volumeLabelKey(volume)] = 'replica';
  for (const record of cache.list(LocalVolumeWriter, recordsNaming(name))) {
    const key = volumeLabelKey(record.metadata.name);
    const usual = volumeNodes(volumeAccess(cache, record)).get(name);
    const value =
      record.spec.node === name
        ? usual
        : followedValue(usual, followings.get(record.metadata.name), { node: name, takesPods: isWell(node) });
    const isTakenOff = present[key] === 'replica' && value !== 'replica';
    // The node may have taken the record a moment ago.
    const isUsed = isTakenOff && (await client.get(LocalVolumeWriter, record.metadata.name))?.spec.node === name;
    const kept = isUsed ? 'replica' : value;
    if (kept !== undefined) labels[key] = kept;
  }
  // A record that vanished says nothing of where its volume is used: there it stays as it is.
  for (const { metadata } of cache.list(LocalVolume, volumesOn(name))) {
    const key = volumeLabelKey(metadata.name);
    const value = present[key];
    if (value !== undefined && cache.get(LocalVolumeWriter, metadata.name) === undefined) labels[key] = value;
  }
  return { labels, annotations: annotationsOn(node, cache.list(LocalVolumeReplica, replicasOn(name)).length > 0) };
}

/** A node with data of volumes is not scaled away; whoever wrote another value there has the last word. */
function annotationsOn({ metadata }: Node, hasVolumes: boolean): Labels {
  const present = metadata.annotations?.[scaleDownDisabledAnnotation] ?? 'true';
  return hasVolumes && present === 'true' ? { [scaleDownDisabledAnnotation]: 'true' } : {};
}

/** What somebody else set, such as a person or the node itself, no apply of ours takes off. */
async function removeStrays(client: Client, node: Node, wanted: Labels): Promise<void> {
  const strays = Object.keys(ours(node)).filter((label) => !(label in wanted));
  if (strays.length === 0) return;
  const { name, resourceVersion } = node.metadata;
  const labels = Object.fromEntries(strays.map((label) => [label, null]));
  await client.patch(builtin.Node, name, { metadata: { resourceVersion, labels } });
}
