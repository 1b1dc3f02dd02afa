import * as z from 'zod';
import { conditions } from './conditions.ts';
import { customResource, type CustomObject, type ValidationRule } from './custom-resource.ts';
import { bytes, checked, objectName, progress, text } from './fields.ts';

/** "" until first seen; `Settled`: nothing is left to do with the disks that are there. */
export const localDiskActionStates = ['', 'Reserving', 'Settled'] as const;
export type LocalDiskActionState = (typeof localDiskActionStates)[number];

/** So many disks are named in status. */
export const latestMatched = 10;

const rule = z.object({
  minCapacity: bytes().describe('Disks smaller than this match. In bytes; 0 is none.').exactOptional(),
  maxCapacity: bytes().describe('Disks larger than this match. In bytes; 0 is none.').exactOptional(),
  // Neither braces nor extended patterns, and few stars: a pattern is matched on every node, and must not keep one busy.
  devicePath: text(255)
    .regex(/^[^*{}()|!+@]*(\*[^*{}()|!+@]*){0,6}$/)
    .describe(
      'Only disks at device nodes that match this pattern, e.g. /dev/sd*. * stands for any characters but /, ? for one, [a-c] for one of these. At most six stars.',
    )
    .exactOptional(),
});

const isSet = (field: string): string => `(has(self.${field}) && self.${field} > 0)`;

/** An empty rule would take every disk of the cluster away from everyone. */
const saysSomething: ValidationRule = {
  rule: `${isSet('minCapacity')} || ${isSet('maxCapacity')} || (has(self.devicePath) && self.devicePath != '')`,
  message: 'rule needs minCapacity, maxCapacity or devicePath: without any it would match every disk',
};

const leavesSome: ValidationRule = {
  rule: `!${isSet('minCapacity')} || !${isSet('maxCapacity')} || self.minCapacity <= self.maxCapacity`,
  message:
    'minCapacity must not be above maxCapacity: disks below the one and above the other match, and that would be all',
};

const spec = z.object({
  action: z
    .enum(['reserve'])
    .describe('What is done with the disks that match: reserve keeps them from being claimed.'),
  rule: checked(rule, saysSomething, leavesSome).describe(
    'Which disks: those at a device path that matches, if one is given, and smaller or larger than given, if a size is.',
  ),
});

const status = z.object({
  state: z.enum(localDiskActionStates).describe('Reserving while disks are left to be reserved.').exactOptional(),
  latestMatchedLds: z
    .array(objectName())
    .max(latestMatched)
    .describe('The LocalDisks that match, the newest last; the last ten of many.')
    .exactOptional(),
  ...progress,
  conditions: conditions().exactOptional(),
});

export type LocalDiskActionSpec = z.infer<typeof spec>;
export type LocalDiskActionStatus = z.infer<typeof status>;
export type LocalDiskAction = CustomObject<LocalDiskActionSpec, LocalDiskActionStatus>;

export const LocalDiskAction = customResource({
  kind: 'LocalDiskAction',
  plural: 'localdiskactions',
  shortNames: ['lda'],
  description: 'Keeps disks from being claimed, by a rule: those that are there and unused, and each that comes.',
  spec,
  status,
  columns: [
    { name: 'Action', type: 'string', jsonPath: '.spec.action' },
    { name: 'MaxCapacity', type: 'integer', jsonPath: '.spec.rule.maxCapacity' },
    { name: 'MinCapacity', type: 'integer', jsonPath: '.spec.rule.minCapacity' },
    { name: 'DevicePath', type: 'string', jsonPath: '.spec.rule.devicePath' },
  ],
  selectableFields: [],
  validations: [],
});
