import { controller, findCondition, lifecycle, type Look, type PerformersOf, watch } from '@dot-kube/operator';
import {
  latestMatched,
  LocalDiskAction,
  type LocalDiskActionState,
  type LocalDiskActionStatus,
} from '../../api/local-disk-action.schema.ts';
import { LocalDisk } from '../../api/local-disk.schema.ts';
import { reservedByAnnotation } from '../../api/names.ts';
import { decide, type EffectOf, localDiskActionMachine } from '../../machines/index.ts';
import { isRuled, reservedBy } from '../disk-reservation.ts';
import { progressOf, type Why, withCondition } from '../progress.ts';

/** Of a message that may have 8192 characters. */
const mostTold = 50;

/** Rules that keep disks from being claimed: for the disks that are there. New ones are reserved by their agent. */
export const localDiskActionController = () =>
  controller({
    name: 'local-disk-action',
    resource: LocalDiskAction,
    watches: [watch(LocalDisk, (_disk, cache) => cache.list(LocalDiskAction).map(({ metadata }) => metadata.name))],
    reconcile: lifecycle<LocalDiskAction, Seen, LocalDiskActionState, EffectOf<typeof localDiskActionMachine>>({
      observe: async ({ object, cache }) => sightOf(object, cache.list(LocalDisk)),
      stateOf: ({ status }) => status?.state,
      decide: (saved, { free }) => {
        const disks = free.map(({ metadata }) => metadata.name);
        return decide(
          localDiskActionMachine,
          saved,
          disks.length > 0 ? { type: 'disks.free', disks } : { type: 'disks.settled' },
        );
      },
      status: statusOf,
      announce: ({ status }, { state, facts }) =>
        state === status?.state ? undefined : { type: 'Normal', ...whyOf(facts) },
      perform: ({ object, client }, { free }) =>
        ({
          // As it was seen: what a claim took since is refused as a conflict, and looked at anew.
          reserveDisks: async ({ disks }) => {
            for (const disk of free.filter(({ metadata }) => disks.includes(metadata.name)))
              await client.update(LocalDisk, reservedBy(disk, object.metadata.name));
          },
        }) satisfies PerformersOf<EffectOf<typeof localDiskActionMachine>>,
    }),
  });

interface Seen {
  /** In the order in which they came. */
  readonly matched: readonly LocalDisk[];
  /** To be reserved. */
  readonly free: readonly LocalDisk[];
  /** Left as they are, with why. */
  readonly left: readonly { readonly disk: LocalDisk; readonly why: string }[];
}

function sightOf(action: LocalDiskAction, disks: readonly LocalDisk[]): Seen {
  const matched = disks
    .filter(({ spec }) => isRuled(action, { path: spec.devicePath ?? '', sizeBytes: spec.capacity ?? 0 }))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const open = matched.filter(({ spec }) => spec.reserved !== true);
  const judged = open.map((disk) => ({ disk, why: whyLeft(action, disk) }));
  return {
    matched,
    free: judged.flatMap(({ disk, why }) => (why === undefined ? [disk] : [])),
    left: judged.flatMap(({ disk, why }) => (why === undefined ? [] : [{ disk, why }])),
  };
}

const keyOf = ({ metadata: { name, creationTimestamp = '' } }: LocalDisk): string => `${creationTimestamp} ${name}`;

/** Why a disk that matches is not reserved. */
function whyLeft(action: LocalDiskAction, { metadata, spec, status }: LocalDisk): string | undefined {
  const usable = findCondition(status?.conditions, 'Usable');
  if (spec.claimRef !== undefined) return `belongs to LocalDiskClaim ${spec.claimRef.name}`;
  if (usable?.reason === 'InPool') return 'belongs to a pool';
  if (spec.state === 'Inactive') return 'is not plugged in';
  if (usable === undefined) return 'was not looked at yet';
  return metadata.annotations?.[reservedByAnnotation] === action.metadata.name
    ? 'was reserved, and freed by a person since'
    : undefined;
}

function whyOf({ matched, free, left }: Seen): Why {
  if (matched.length === 0)
    return { reason: 'NoneMatches', message: 'No disk matches the rule now; each that comes is looked at.' };
  if (free.length > 0)
    return { reason: 'Reserving', message: `Reserves ${free.length} of ${matched.length} disks that match.` };
  if (left.length === 0)
    return { reason: 'AllReserved', message: `All disks that match are reserved: ${matched.length}.` };
  const told = left.slice(0, mostTold).map(({ disk: { metadata, spec }, why }) => {
    const place = `${spec.devicePath} on ${spec.nodeName}`;
    return `${place}: ${metadata.name} ${why}`;
  });
  const more = left.length > mostTold ? [`And ${left.length - mostTold} more.`] : [];
  const head = `Of ${matched.length} disks that match, ${left.length} are left as they are:`;
  return { reason: 'SomeLeft', message: [head, ...told, ...more].join('\n') };
}

function statusOf(
  { status: before, metadata: { generation } }: LocalDiskAction,
  { facts, state, nowMs }: Look<Seen, LocalDiskActionState>,
): LocalDiskActionStatus {
  const why = whyOf(facts);
  const isDone = facts.free.length === 0 && facts.left.length === 0;
  const reserved = { type: 'Reserved', status: isDone ? 'True' : 'False', ...why } as const;
  return {
    ...before,
    state,
    latestMatchedLds: facts.matched.slice(-latestMatched).map(({ metadata }) => metadata.name),
    ...progressOf(before, state, why, { nowMs }),
    conditions: withCondition(before?.conditions, reserved, { nowMs, generation }),
  };
}
