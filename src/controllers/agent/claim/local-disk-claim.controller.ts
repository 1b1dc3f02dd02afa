import {
  controller,
  done,
  type EmittedEvent,
  findCondition,
  lifecycle,
  type Look,
  type Pass,
  type Result,
  stalledOf,
  watch,
} from '@dot-kube/operator';
import {
  LocalDiskClaim,
  type LocalDiskClaimPhase,
  type LocalDiskClaimStatus,
} from '../../../api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../../api/local-disk.schema.ts';
import { LocalStorageNode } from '../../../api/local-storage-node.schema.ts';
import { claimFinalizer } from '../../../api/names.ts';
import { decide, type EffectOf, localDiskClaimMachine } from '../../../machines/index.ts';
import { isCommandError } from '../../../node/errors.ts';
import { claimStatus } from '../../claim-status.ts';
import { type Why, withCondition } from '../../progress.ts';
import { claimPerformers } from './claim-effects.ts';
import { type ClaimSight, claimSight, missingToolSight, toLookInto } from './claim-event.ts';
import { poolOwner } from './claim-match.ts';
import { contentsOf } from './claim-wipe.ts';
import { explainOthers, markWords } from './claim-words.ts';
import type { AgentContext } from '../context.ts';
import { pooledDisks } from '../pool/pooled-disks.ts';

/** How often a claim is looked at when none of its disks changes: the pool may have. */
const lookMs = 60_000;
/** A claim whose disks are in the pool stays to be looked at for so long, and then goes by itself. */
const keptMs = 3_600_000;

/** The claims of this node: bare disks become pools. */
export const localDiskClaimController = (agent: AgentContext) => {
  const select = { fieldSelector: `spec.nodeName=${agent.node}` };
  const live = lifecycle<LocalDiskClaim, Seen, LocalDiskClaimPhase, EffectOf<typeof localDiskClaimMachine>>({
    observe: (pass) => observe(agent, pass),
    stateOf: ({ status }) => status?.status,
    decide: (saved, { sight }) => decide(localDiskClaimMachine, saved, sight.event),
    status: statusOf,
    announce,
    perform: ({ object: claim, client, now, signal }, { disks, pooled, sight: { wipes } }) =>
      claimPerformers({ agent, client, claim, disks, wipes, pooled, nowMs: now(), signal }),
  });
  return controller({
    name: 'local-disk-claim',
    resource: LocalDiskClaim,
    select,
    watches: [
      watch(
        LocalDisk,
        (_disk, cache) => cache.list(LocalDiskClaim, isOpen).map(({ metadata }) => metadata.name),
        select,
      ),
      // LVM that is installed changes no disk.
      watch(
        LocalStorageNode,
        (_node, cache) => cache.list(LocalDiskClaim, isOpen).map(({ metadata }) => metadata.name),
        {
          fieldSelector: `metadata.name=${agent.node}`,
          when: (before, after) => availabilityOf(before) !== availabilityOf(after),
        },
      ),
    ],
    resyncMs: lookMs,
    // One at a time: two claims that match the same disks would only meet as conflicts.
    concurrency: 1,
    finalizer: {
      name: claimFinalizer,
      // From when its disks are written down, and so before it takes one.
      holds: (claim) => isOurs(claim) && (claim.spec.diskRefs ?? []).length > 0,
      cleanUp: live,
    },
    reconcile: async (pass) => {
      if (!isOurs(pass.object)) return leaveAlone(pass);
      return isOld(pass.object, pass.now()) ? remove(pass) : live(pass);
    },
  });
};

const availabilityOf = (node: Readonly<LocalStorageNode> | undefined): string | undefined =>
  findCondition(node?.status?.conditions, 'Available')?.status;

interface Seen {
  /** Of this node. */
  readonly disks: readonly LocalDisk[];
  /** Pools by the names of their disks. */
  readonly pooled: ReadonlyMap<string, string>;
  readonly sight: ClaimSight;
}

const isOurs = ({ spec: { owner = '' } }: LocalDiskClaim): boolean => ['', poolOwner].includes(owner);

/** A claim that may still want a disk, or has to give one back. */
const isOpen = ({ status }: LocalDiskClaim): boolean => status?.status !== 'Consumed';

const isOver = (claim: LocalDiskClaim): boolean => !isOpen(claim) && claim.metadata.deletionTimestamp === undefined;

async function observe(agent: AgentContext, { object, cache, signal }: Pass<LocalDiskClaim>): Promise<Seen> {
  const disks = cache.list(LocalDisk).filter(({ spec }) => spec.nodeName === agent.node);
  try {
    // Nothing is done about it any more, so nobody has to look.
    const pooled = isOver(object) ? new Map<string, string>() : await pooledDisks(agent, disks, signal);
    const contents = await contentsOf(agent, toLookInto(object, { disks, pooled }), signal);
    const records = cache.get(LocalStorageNode, agent.node)?.status?.poolExtendRecords;
    return { disks, pooled, sight: claimSight(object, { disks, pooled, contents, records }) };
  } catch (error) {
    if (!isCommandError(error, 'TOOL_MISSING')) throw error;
    if (object.metadata.deletionTimestamp !== undefined) {
      // The last look at LVM counts: what has a physical volume of a pool is not given back.
      const pooled = new Map(
        disks.flatMap(({ metadata, spec }) =>
          spec.pvUUID === undefined ? [] : [[metadata.name, spec.pvUUID] as const],
        ),
      );
      return { disks, pooled, sight: claimSight(object, { disks, pooled, contents: new Map(), records: undefined }) };
    }
    const [program = ''] = error.command.split(' ');
    return { disks, pooled: new Map(), sight: missingToolSight(object, program, await agent.tools.os.release(signal)) };
  }
}

function statusOf(
  claim: LocalDiskClaim,
  { facts: { disks, sight }, state, effects, nowMs }: Look<Seen, LocalDiskClaimPhase>,
): LocalDiskClaimStatus {
  const { wipes: _before, ...status } = claimStatus(
    claim,
    state,
    effects.length === 0 ? sight : refusedFirst(claim, sight),
    nowMs,
  );
  const { generation } = claim.metadata;
  return {
    ...status,
    ...(sight.wipes.length === 0 ? {} : { wipes: [...sight.wipes] }),
    ...(sight.others === undefined
      ? {}
      : { conditions: withCondition(status.conditions, exhaustive(disks, sight.others), { nowMs, generation }) }),
  };
}

/** What a tool refused last goes before what is tried again. */
function refusedFirst({ status }: LocalDiskClaim, { reason, message }: ClaimSight): Why {
  const stalled = stalledOf(status);
  return { reason, message: stalled === undefined ? message : `${stalled.message} ${message}`.slice(0, budget) };
}

/** Of a message that may have 8192 characters. */
const budget = 8000;

/** Whether the claim took every disk that it asks for, and what refused the others. It stays as it was at the choice. */
const exhaustive = (disks: readonly LocalDisk[], others: NonNullable<ClaimSight['others']>) =>
  others.length === 0
    ? ({
        type: 'Exhaustive',
        status: 'True',
        reason: 'AllTaken',
        message: 'No disk that is asked for was refused.',
      } as const)
    : ({ type: 'Exhaustive', status: 'False', reason: 'DisksRefused', message: explainOthers(disks, others) } as const);

/** What a person is told: that something was wiped, and each new state with what it did not get. */
function announce(
  { status }: LocalDiskClaim,
  { state, facts: { disks, sight } }: Look<Seen, LocalDiskClaimPhase>,
): EmittedEvent | undefined {
  const { reason, message, wipes, others = [] } = sight;
  const isNews = (name: string): boolean => status?.wipes?.some(({ disk, wiped }) => disk === name && !wiped) ?? false;
  const wiped = wipes.filter((wipe) => wipe.wiped && isNews(wipe.disk));
  if (wiped.length > 0) {
    const words = wiped.map((wipe) => `Took off ${wipe.devicePath}: ${markWords(wipe.signatures, wipe.partitions)}.`);
    return { type: 'Normal', reason: 'DiskWiped', message: words.join('\n') };
  }
  if (state === (status?.status ?? '')) return undefined;
  const left = others.length === 0 ? '' : `\n${explainOthers(disks, others)}`;
  return { type: 'Normal', reason, message: message + left };
}

/** A claim that this product does nothing about says so. */
async function leaveAlone({ object: claim, status, now }: Pass<LocalDiskClaim>): Promise<Result> {
  const message = `Disks for owner ${claim.spec.owner} are not handed out here. Use owner ${poolOwner}.`;
  await status.write(claimStatus(claim, 'Pending', { reason: 'OwnerNotHandled', message }, now()));
  return done;
}

/** Its clean-up does the rest. */
async function remove({ object: { metadata }, client }: Pass<LocalDiskClaim>): Promise<Result> {
  const { name, uid } = metadata;
  await client.delete(LocalDiskClaim, name, uid === undefined ? {} : { uid });
  return done;
}

const isOld = ({ status }: LocalDiskClaim, nowMs: number): boolean =>
  status?.status === 'Consumed' && nowMs - Date.parse(status.since ?? '') > keptMs;
