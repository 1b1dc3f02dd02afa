import { type Cache, controller, done, gone, lifecycle, type Pass, type Result, watch } from '@dot-kube/operator';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate, type LocalVolumeMigrateState } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import {
  decide,
  type EffectOf,
  type LocalVolumeMigrateEvent,
  localVolumeMigrateMachine,
} from '../../machines/index.ts';
import { chooseTarget } from './choose-target.ts';
import { migratePerformers } from './migrate-effects.ts';
import { migrateEvent } from './migrate-event.ts';
import { isFinished, migrateFinalizer } from './migrate-names.ts';
import { type MigrateSight, migrateStatus } from './migrate-status.ts';
import { migrateWords, stallOf } from './migrate-words.ts';
import { migrateFacts, type MigrateObjects, readMigrateObjects } from './observe-migrate.ts';
import type { Promises } from './promises.ts';

/** How often a move is looked at when nothing tells that something changed. */
const lookMs = 10_000;
/** A move that is over stays to be looked at for so long. */
const keptMs = 3_600_000;

type Machine = typeof localVolumeMigrateMachine;

/** Moves: one at a time chooses its target, any number copy. */
export const localVolumeMigrateController = ({ promises }: { promises: Promises }) => {
  const live = lifecycle<LocalVolumeMigrate, Seen, LocalVolumeMigrateState, EffectOf<Machine>>({
    observe: (pass) => observe(promises, pass),
    stateOf: ({ status }) => status?.state,
    decide: (saved, { event }) => decide(localVolumeMigrateMachine, saved, event),
    status: (migrate, { state, facts: { objects, ...seen }, nowMs }) =>
      migrateStatus(migrate, objects, { state, ...seen }, nowMs),
    announce: ({ status }, { state, facts: { why } }) =>
      state === status?.state
        ? undefined
        : { type: 'Normal', reason: state, message: `${why.message} (${why.reason})` },
    perform: ({ object: migrate, client, cache }, { objects }) =>
      migratePerformers({ client, migrate, objects, nodes: cache.list(LocalStorageNode) }),
  });
  return controller({
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
    finalizer: {
      name: migrateFinalizer,
      holds: ({ status }) => !isFinished(status?.state),
      cleanUp: async (pass) => (isFinished(pass.object.status?.state) ? gone : live(pass)),
    },
    reconcile: async (pass) => (isFinished(pass.object.status?.state) ? forget(pass) : live(pass)),
  });
};

/** What was made of the objects of one move. */
interface Seen extends Omit<MigrateSight, 'state'> {
  readonly objects: MigrateObjects;
  readonly event: LocalVolumeMigrateEvent;
}

const movesOf = (cache: Cache, concerns: (move: LocalVolumeMigrate) => boolean): string[] =>
  cache
    .list(LocalVolumeMigrate, (move) => !isFinished(move.status?.state) && concerns(move))
    .map(({ metadata }) => metadata.name);

async function observe(promises: Promises, pass: Pass<LocalVolumeMigrate>): Promise<Seen | undefined> {
  const { object: migrate, client, cache, signal } = pass;
  const before = migrate.status?.state ?? '';
  const objects = await readMigrateObjects(client, migrate);
  // Read last: if the state is still the saved one, no other leader took a step between it and these objects. A cache
  // that lags is told soon, and then there is another pass.
  const latest = await client.get(LocalVolumeMigrate, migrate.metadata.name);
  if (latest?.metadata.resourceVersion !== migrate.metadata.resourceVersion) return undefined;
  const isNew = before === '' || before === 'Submitted';
  const choice =
    isNew && objects.volume !== undefined
      ? await chooseTarget(client, migrate, objects.volume, promises, { nowMs: pass.now(), signal })
      : undefined;
  const target = choice !== undefined && 'node' in choice ? choice : undefined;

  const facts = migrateFacts(migrate, objects, {
    nodes: cache.list(LocalStorageNode),
    migrates: cache.list(LocalVolumeMigrate),
    hasCandidate: target !== undefined,
    nowMs: pass.now(),
  });
  const event = migrateEvent(before, facts);
  const why = migrateWords(event.type, facts, choice !== undefined && 'refused' in choice ? choice.refused : undefined);
  return { objects, event, why, stalled: stallOf(facts), target };
}

/** A move that is over stays for a while, and then goes. */
const forget = ({ object: { status }, now }: Pass<LocalVolumeMigrate>): Result =>
  now() - Date.parse(status?.since ?? '') > keptMs ? gone : done;
