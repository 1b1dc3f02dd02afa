import * as z from 'zod';
import { type PoolClass, poolClasses, type PoolName, poolNameOf } from '../../api/names.ts';
import { CsiError } from '../grpc/csi-error.ts';

/** What the parameters of a StorageClass ask for. */
export interface VolumeParameters {
  readonly poolName: PoolName;
  readonly pvcNamespace?: string;
  readonly pvcName?: string;
  /** Stands in the PersistentVolume as its attributes. */
  readonly context: Record<string, string>;
}

const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ');

const oneOf = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, {
    error: ({ input }) =>
      input === undefined
        ? `is missing: it is one of ${quoted(values)}`
        : `is ${JSON.stringify(input)}, and must be one of ${quoted(values)}`,
  });

/** One that asks for what is not made so far: a volume without it would not be what was ordered. */
const notYet = (what: string, ...without: readonly string[]) =>
  z
    .enum(['', ...without], {
      error: ({ input }) => `is ${JSON.stringify(input)}: ${what} are not made so far; leave it out`,
    })
    .optional();

const fromProvisioner = 'csi.storage.k8s.io/';

const known = z.strictObject({
  poolClass: oneOf(...poolClasses),
  poolType: oneOf('REGULAR').optional(),
  replicaNumber: z.enum(['1'], {
    error: ({ input }) =>
      input === undefined
        ? 'is missing: it is "1"'
        : `is ${JSON.stringify(input)}: only volumes with one replica are made so far; set it to "1"`,
  }),
  volumeKind: oneOf('LVM').optional(),
  striped: z.string().optional(),
  convertible: notYet('volumes on DRBD from birth', 'false'),
  thin: notYet('thin volumes', 'false'),
  encryptSecret: notYet('encrypted volumes'),
  encryptType: notYet('encrypted volumes'),
  'provision-throughput-on-creation': notYet('volumes with limits on throughput'),
  'provision-iops-on-creation': notYet('volumes with limits on operations'),
  [`${fromProvisioner}fstype`]: z.string().optional(),
  [`${fromProvisioner}pvc/name`]: z.string().optional(),
  [`${fromProvisioner}pvc/namespace`]: z.string().optional(),
  [`${fromProvisioner}pv/name`]: z.string().optional(),
});

/**
 * @throws CsiError INVALID_ARGUMENT that names each parameter that is missing, unknown, or asks for what is not made
 */
export function parseParameters(parameters: Readonly<Record<string, string>>): VolumeParameters {
  const parsed = known.safeParse(parameters);
  if (!parsed.success) throw new CsiError('INVALID_ARGUMENT', refusalOf(parsed.error));
  const { [`${fromProvisioner}pvc/name`]: pvcName, [`${fromProvisioner}pvc/namespace`]: pvcNamespace } = parameters;
  return {
    poolName: poolNameOf(parsed.data.poolClass),
    ...(pvcName ? { pvcName } : {}),
    ...(pvcNamespace ? { pvcNamespace } : {}),
    context: Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.startsWith(fromProvisioner))),
  };
}

/**
 * The pool that room is asked about; undefined when parameters name none, which asks about all.
 * @throws CsiError INVALID_ARGUMENT for a class that is not known
 */
export function poolClassIn({ poolClass }: Readonly<Record<string, string>>): PoolClass | undefined {
  if (poolClass === undefined) return undefined;
  const parsed = known.pick({ poolClass: true }).safeParse({ poolClass });
  if (!parsed.success) throw new CsiError('INVALID_ARGUMENT', refusalOf(parsed.error));
  return parsed.data.poolClass;
}

const refusalOf = ({ issues }: z.ZodError): string => `StorageClass: ${issues.flatMap(wordsOf).join('; ')}.`;

function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [`parameter ${issue.path.join('.')} ${issue.message}`];
  const names = Object.keys(known.shape).filter((name) => !name.startsWith(fromProvisioner));
  return issue.keys.map((name) => `parameter ${name} is not known; there are ${names.join(', ')}`);
}
