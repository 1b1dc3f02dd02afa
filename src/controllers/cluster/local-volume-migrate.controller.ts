import { again, type Cache, controller, done, type Pass, type Result, watch } from '@dot-kube/operator';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import {
  LocalVolumeMigrate,
  type LocalVolumeMigrateState,
  type LocalVolumeMigrateStatus,
} from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { act, decide, localVolumeMigrateMachine } from '../../machines/index.ts';
import { progressOf, type Why, withCondition } from '../progress.ts';
import { dropFinalizer } from '../remove-object.ts';
import { chooseTarget, type Target } from './choose-target.ts';
import { migratePerformers } from './migrate-effects.ts';
import { migrateEvent } from './migrate-event.ts';
import { isFinished, migrateFinalizer, takenBackType } from './migrate-names.ts';
import { migrateWords } from './migrate-words.ts';
import { type MigrateObjects, migrateFacts, readMigrateObjects } from './observe-migrate.ts';
import type { Promises } from './promises.ts';

/** How often a move is looked at when nothing tells that something changed. */
const lookMs = 10_000;
const deadlineMs = 1_800_000;
/** A move that is over stays to be looked at for so long. */
const keptMs = 3_600_000;

/** Moves: one at a time chooses its target, any number copy. */
export const localVolumeMigrateController = ({ promises }: { promises: Promises }) =>
  controller({
    name: 'local-volume-migrate',
    resource: LocalVolumeMigrate,
    watches: [
      watch(LocalVolumeReplica, ({ spec }, cache) =>
        movesOf(cache, (move) => move.spec.volumeName === spec.volumeName),
      ),
      watch(LocalVolumeWriter, ({ spec }, cache) => movesOf(cache, (move) => move.spec.volumeName === spec.volumeName)),
      watch(LocalVolume, ({ metadata }, cache) => movesOf(cache, (move) => move.spec.volumeName === metadata.name)),
      watch(LocalStorageNode, (_node, cache) => movesOf(cache, () => true)),
    ],
    resyncMs: lookMs,
    // Two that chose a target at once could take the same room and the same resource ID.
    concurrency: 1,
    reconcile: (pass) => reconcile(promises, pass),
  });

const movesOf = (cache: Cache, concerns: (move: LocalVolumeMigrate) => boolean): string[] =>
  cache
    .list(LocalVolumeMigrate, (move) => !isFinished(move.status?.state) && concerns(move))
    .map(({ metadata }) => metadata.name);

async function reconcile(promises: Promises, pass: Pass<LocalVolumeMigrate>): Promise<Result> {
  const { object: migrate, client, signal, cache } = pass;
  const before = migrate.status;
  if (isFinished(before?.state)) return finish(pass);
  if (!(migrate.metadata.finalizers ?? []).includes(migrateFinalizer)) {
    if (migrate.metadata.deletionTimestamp !== undefined) return done;
    const finalizers = [...(migrate.metadata.finalizers ?? []), migrateFinalizer];
    await client.update(LocalVolumeMigrate, { ...migrate, metadata: { ...migrate.metadata, finalizers } }, { signal });
    return again;
  }

  const objects = await readMigrateObjects(client, migrate, signal);
  // Read last: if the state is still the saved one, no other leader took a step between it and these objects. A cache
  // that lags is told soon, and then there is another pass.
  const latest = await client.get(LocalVolumeMigrate, migrate.metadata.name, { signal });
  if (latest?.metadata.resourceVersion !== migrate.metadata.resourceVersion) return done;
  const isNew = before?.state === undefined || before.state === '' || before.state === 'Submitted';
  const choice =
    isNew && objects.volume !== undefined
      ? await chooseTarget(client, migrate, objects.volume, promises.held(pass.now()), signal)
      : undefined;
  const target = choice !== undefined && 'node' in choice ? choice : undefined;

  const nodes = cache.list(LocalStorageNode);
  const surroundings = {
    nodes,
    migrates: cache.list(LocalVolumeMigrate),
    hasCandidate: target !== undefined,
    nowMs: pass.now(),
  };
  const event = migrateEvent(before?.state ?? '', migrateFacts(migrate, objects, surroundings));
  const { state, effects } = decide(localVolumeMigrateMachine, before?.state, event);

  const words = migrateWords(event);
  const why =
    event.type === 'target.refused' && choice !== undefined && 'refused' in choice
      ? { ...words, message: choice.refused }
      : words;
  await pass.status.write(statusOf(migrate, objects, { state, why, target }, pass.now()));
  if (state !== before?.state)
    pass.events.emit({ type: 'Normal', reason: state, message: `${why.message} (${why.reason})` });

  await act<typeof localVolumeMigrateMachine>(effects, migratePerformers({ client, migrate, objects, nodes, signal }));
  return effects.length > 0 || state !== before?.state ? again : done;
}

/** A move that is over goes after a while; at once when someone deleted it, or its volume is gone. */
async function finish({ object: migrate, client, signal, now }: Pass<LocalVolumeMigrate>): Promise<Result> {
  const { metadata, status } = migrate;
  await dropFinalizer(client, LocalVolumeMigrate, metadata, migrateFinalizer, signal);
  if (metadata.deletionTimestamp !== undefined) return done;
  const isOld = now() - Date.parse(status?.since ?? '') > keptMs;
  if (isOld) await client.delete(LocalVolumeMigrate, metadata.name, { signal });
  return done;
}

function statusOf(
  { status: before, spec, metadata }: LocalVolumeMigrate,
  { source, target: targetReplica }: MigrateObjects,
  { state, why, target }: { state: LocalVolumeMigrateState; why: Why; target: Target | undefined },
  nowMs: number,
): LocalVolumeMigrateStatus {
  const { deadline: _deadline, ...kept } = before ?? {};
  const isOver = isFinished(state);
  const isTakenBack = state === 'ToBeAborted' || (state === 'Aborted' && before?.state !== 'ToBeAborted');
  const times = { nowMs, generation: metadata.generation };
  const leftBytes = source?.status?.pair?.outOfSyncBytes ?? targetReplica?.status?.pair?.outOfSyncBytes;
  const bytes = before?.bytes ?? source?.status?.allocatedCapacityBytes;
  return {
    ...kept,
    state,
    originalReplicaNumber: 1,
    volumes: [spec.volumeName],
    // Saved in the same write that begins the move: before anything is done with it.
    ...(state === 'Seeding' && target !== undefined && before?.targetNode === undefined
      ? {
          targetNode: target.node,
          resourceID: target.resourceID,
          // Not the name: every drain of a volume uses the same one. Kept from here on, whatever the object's uid becomes.
          moveId: metadata.uid ?? '',
          legs: target.legs,
        }
      : {}),
    ...(bytes === undefined ? {} : { bytes }),
    ...(leftBytes === undefined ? {} : { outOfSyncBytes: leftBytes }),
    ...progressOf(before, state, why, { nowMs, ...(isOver ? {} : { deadlineMs }) }),
    conditions: withCondition(
      // Why it was taken back is told for as long as the move is.
      isTakenBack && before?.state !== state
        ? withCondition(before?.conditions, { type: takenBackType, status: 'True', ...why }, times)
        : before?.conditions,
      { type: 'Finished', status: isOver ? 'True' : 'False', ...why },
      times,
    ),
  };
}
