import { type Client, controller, done, findCondition, type Pass, type Result, watch } from '@dot-kube/operator';
import { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica, type ReplicaPair } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { type Why, withCondition } from '../progress.ts';
import { isFinished } from './migrate-names.ts';

/** Condition of a replica that was made half of a pair for a move that is over, and can't be cleaned up by itself. */
const orphanedType = 'Orphaned';
const lookMs = 60_000;

/**
 * Halves of pairs whose move is over: a leader that was frozen for a while may make the target of a move that ended
 * meanwhile. One that never was a copy of the volume goes; what may be one is reported and kept.
 */
export const orphanedPairController = () =>
  controller({
    name: 'orphaned-pair',
    resource: LocalVolumeReplica,
    watches: [
      watch(LocalVolumeMigrate, ({ metadata }, cache) =>
        cache
          .list(LocalVolumeReplica, ({ spec }) => spec.pair?.migrate === metadata.name)
          .map((side) => side.metadata.name),
      ),
    ],
    resyncMs: lookMs,
    reconcile,
  });

async function reconcile(pass: Pass<LocalVolumeReplica>): Promise<Result> {
  const { object: replica, client, signal } = pass;
  const { pair, nodeName } = replica.spec;
  if (replica.spec.delete) return done;
  // All that speaks for it is read after the replica: its tombstone fails if the replica changed since.
  if (pair === undefined || (await isRunning(client, pair, signal))) return tell(pass, undefined);
  const volume = await client.get(LocalVolume, replica.spec.volumeName, { signal });
  // Its deletion takes all replicas along.
  if (volume?.spec.delete === true) return done;
  if (await isWanted(client, replica, volume, signal))
    return tell(pass, {
      reason: 'MoveIsOver',
      message:
        `The copy on ${nodeName} is half of a pair of ${pair.migrate}, which is over, and the volume counts on it. Once no ` +
        `pod uses the volume: kubectl patch lvr ${replica.metadata.name} --type merge -p '{"spec":{"pair":{"phase":"Release"}}}'; ` +
        'when status.pair.state is Released, remove spec.pair.',
    });
  const epoch = replica.status?.pair?.epoch;
  // Not looked at yet, or something stands there that is none of this move's: its agent says so in the replica's state.
  if (epoch === undefined && !['Invalid', 'Lost'].includes(replica.status?.state ?? '')) return done;
  if (epoch !== 0 || pair.role !== 'target')
    return tell(pass, {
      reason: 'MoveIsOver',
      message:
        `${nodeName} has data of ${replica.spec.volumeName} that the volume does not count on, and the move ${pair.migrate} that ` +
        'they belong to is over. They stay; to delete them, set spec.delete: true.',
    });
  await client.update(LocalVolumeReplica, { ...replica, spec: { ...replica.spec, delete: true } }, { signal });
  const message = `Deletes what was made on ${nodeName} for ${pair.migrate}, which was over by then.`;
  pass.events.emit({ type: 'Normal', reason: 'PairOrphaned', message });
  return done;
}

async function isRunning(client: Client, pair: ReplicaPair, signal: AbortSignal): Promise<boolean> {
  const migrate = await client.get(LocalVolumeMigrate, pair.migrate, { signal });
  return migrate?.status?.moveId === pair.moveId && !isFinished(migrate.status.state);
}

/** The volume or its writer record names the copy, or it is not known whether they do. */
async function isWanted(
  client: Client,
  { spec }: LocalVolumeReplica,
  volume: LocalVolume | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const record = await client.get(LocalVolumeWriter, spec.volumeName, { signal });
  const isNamed = (volume?.spec.config?.replicas ?? []).some(({ hostname }) => hostname === spec.nodeName);
  if (volume !== undefined && (isNamed || record === undefined)) return true;
  const named = [record?.spec.node, record?.spec.moveTo?.node, ...(record?.spec.inSync ?? []).map(({ node }) => node)];
  return named.includes(spec.nodeName);
}

/** Says in the replica's status and in an Event what a person has to see to; or that it is over. */
async function tell(pass: Pass<LocalVolumeReplica>, why: Why | undefined): Promise<Result> {
  const { object: replica, status, events, now } = pass;
  const { conditions } = replica.status ?? {};
  if (why === undefined && findCondition(conditions, orphanedType)?.status !== 'True') return done;
  const said =
    why === undefined
      ? { status: 'False' as const, reason: 'Settled', message: 'The copy is half of no pair whose move is over.' }
      : { status: 'True' as const, ...why };
  const times = { nowMs: now(), generation: replica.metadata.generation };
  await status.write({
    ...replica.status,
    conditions: withCondition(conditions, { type: orphanedType, ...said }, times),
  });
  if (why !== undefined) events.emit({ type: 'Warning', reason: 'PairOrphaned', message: why.message });
  return done;
}
