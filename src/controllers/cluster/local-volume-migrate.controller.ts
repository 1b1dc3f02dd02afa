import { after, again, type Cache, controller, done, type Pass, type Result, watch } from '@dot-kube/operator';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { act, decide, localVolumeMigrateMachine } from '../../machines/index.ts';
import { attempt, heldBackMs, withTry } from '../progress.ts';
import { dropFinalizer } from '../remove-object.ts';
import { chooseTarget } from './choose-target.ts';
import { migratePerformers } from './migrate-effects.ts';
import { migrateEvent } from './migrate-event.ts';
import { isFinished, migrateFinalizer } from './migrate-names.ts';
import { migrateStatus } from './migrate-status.ts';
import { migrateWords, stallOf } from './migrate-words.ts';
import { migrateFacts, readMigrateObjects } from './observe-migrate.ts';
import type { Promises } from './promises.ts';

/** How often a move is looked at when nothing tells that something changed. */
const lookMs = 10_000;
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
  const facts = migrateFacts(migrate, objects, surroundings);
  const event = migrateEvent(before?.state ?? '', facts);
  const { state, effects } = decide(localVolumeMigrateMachine, before?.state, event);

  const why = migrateWords(event.type, facts, choice !== undefined && 'refused' in choice ? choice.refused : undefined);
  const stalled = stallOf(facts);
  const status = migrateStatus(migrate, objects, { state, why, stalled, target }, pass.now());
  await pass.status.write(status);
  if (state !== before?.state)
    pass.events.emit({ type: 'Normal', reason: state, message: `${why.message} (${why.reason})` });

  const { generation } = migrate.metadata;
  const heldMs = effects.length > 0 ? heldBackMs(status, generation, pass.now()) : 0;
  if (heldMs > 0) return after(heldMs);
  const task = { client, migrate, objects, nodes, signal };
  const refused = await attempt(() => act<typeof localVolumeMigrateMachine>(effects, migratePerformers(task)), pass);
  // What stalls a side is told until it does not, whatever goes through here.
  if (refused !== undefined || stalled === undefined)
    await pass.status.write(withTry(status, refused, { nowMs: pass.now(), generation }));
  if (refused !== undefined) return after(refused.retryMs);
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
