import * as z from 'zod';
import type { ValidationRule } from './custom-resource.ts';
import { dmNameBudget, poolClasses, poolNames, reservedByLvm, subdomain } from './names.ts';

/**
 * Sizes are plain integers that survive JSON in every language: 4 PiB is far below 2^53 and far above a volume here.
 */
export const maxBytes = 2 ** 52;

/** The smallest volume: one extent of a volume group. */
export const minVolumeBytes = 4 * 1024 ** 2;

/** Adds CEL rules to a field; the API server names the field when one refuses. */
export const checked = <Schema extends z.ZodType>(schema: Schema, ...rules: ValidationRule[]): Schema =>
  schema.meta({ ...schema.meta(), 'x-kubernetes-validations': rules });

/** Text of a bounded length: nothing that a person or a tool writes may fill an object up. */
export const text = (maxLength: number) => z.string().max(maxLength);

/** What a tool or a controller tells a person, the last command's words included. */
export const message = () => text(8192);

export const bytes = () => z.int().min(0).max(maxBytes);

export const volumeBytes = () => z.int().min(minVolumeBytes).max(maxBytes);

/** A count that fits 32 bits. */
export const count = () =>
  z
    .int()
    .min(0)
    .max(2 ** 31 - 1);

/** An instant as Kubernetes writes it. */
export const instant = () => z.iso.datetime({ offset: true });

/** The name of a node, and so of its LocalStorageNode. */
export const nodeName = () => text(253).regex(subdomain);

/** Of something that may stand on no node. */
export const nodeNameOrNone = () => text(253).regex(/^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** The name of any other object of ours. */
export const objectName = () => text(253).regex(subdomain);

export const devicePath = () => text(1024);

export const poolName = () => z.enum(poolNames);

export const poolClass = () => z.enum(poolClasses);

export const ipAddress = () => text(45);

/** A Kubernetes quantity such as `100Mi`; empty is no limit. */
export const quantity = () => text(32).regex(/^$|^[0-9]+(\.[0-9]+)?([KMGTPE]i?|[kmun])?$/);

/** The rules of LVM and device-mapper for the name of a logical volume, as CEL over the expression `name`. */
export const volumeNameRules = (name: string, field: string): ValidationRule[] => [
  {
    rule: reservedByLvm.map((prefix) => `!${name}.startsWith('${prefix}')`).join(' && '),
    message: `${field} must not begin with ${reservedByLvm.join(' or ')}: LVM keeps these names for itself`,
  },
  {
    rule: `size(${name}) + size(${name}.split('-')) - 1 <= ${dmNameBudget}`,
    message: `${field} must have at most ${dmNameBudget} characters, each hyphen counting twice: device-mapper takes no longer name`,
  },
];

/** The name of a volume: of its LocalVolume, its writer record, its logical volumes and its DRBD resource. Needs `volumeNameRules`. */
export const volumeName = () => text(dmNameBudget).regex(subdomain);

/** The name of a kind's object that is a volume's name. */
export const namedAsVolume: ValidationRule[] = volumeNameRules('self.metadata.name', 'metadata.name');

/** The field may be set once and never changed. For fields that always stand in the object. */
export const unchangeable = (field: string): ValidationRule => ({
  rule: 'self == oldSelf',
  message: `${field} can't be changed`,
});

/** As `unchangeable`, for an optional field; a rule of the object that holds the field. */
export const setOnce = (field: string): ValidationRule => ({
  rule: `!has(oldSelf.${field}) || (has(self.${field}) && self.${field} == oldSelf.${field})`,
  message: `${field} can't be changed once it is set`,
  fieldPath: `.${field}`,
});

/** A volume grows and never shrinks. */
export const neverShrinks: ValidationRule = { rule: 'self >= oldSelf', message: 'a volume can grow, not shrink' };

/** An order that can't be taken back: what it started may have destroyed data already. */
export const order = (what: string) =>
  checked(z.boolean().default(false), { rule: 'self || !oldSelf', message: `${what} can't be taken back` });

/** Why an object is not where it should be yet: every state that is not final carries them. */
export const progress = {
  reason: text(256).describe('One CamelCase word: why it is in this state.').exactOptional(),
  message: message().describe('The same for a person, with what a tool answered and what to do.').exactOptional(),
  since: instant().describe('When it came into this state.').exactOptional(),
  deadline: instant().describe('When waiting in this state ends, or is told as overdue.').exactOptional(),
  nextTry: instant().describe('When it is tried again at the latest.').exactOptional(),
};
