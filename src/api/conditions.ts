import * as z from 'zod';
import { instant, message, text } from './fields.ts';

const condition = z
  .object({
    type: text(316)
      .regex(/^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$/)
      .describe('What is said: an adjective such as Ready.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Unknown: not seen yet.'),
    reason: text(1024).describe('One CamelCase word: why.'),
    message: message().describe('The same as a sentence, with what to do.'),
    observedGeneration: z.int().min(0).describe('The generation of the spec that this was seen with.').exactOptional(),
    lastTransitionTime: instant().describe('When status last changed.'),
    lastUpdateTime: instant().describe('Written by the original only.').exactOptional(),
  })
  .describe('One observed fact.');

export type Condition = z.infer<typeof condition>;

/** Conditions of one object: one a type, so that several writers can each apply their own. */
export const conditions = () =>
  z
    .array(condition)
    .max(32)
    .meta({
      description: 'Observed facts, one a type.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    });
