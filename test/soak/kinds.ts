import type { CustomObject, CustomResource } from '@dot-kube/operator';
import { z } from 'zod';

interface BoxSpec {
  /** How many parts it is to have. */
  parts: number;
  /** What each of them is to be told. */
  colour: number;
}

interface BoxStatus {
  observedGeneration: number;
  /** How many parts there are that are as wanted. */
  parts: number;
}

interface PartSpec {
  boxName: string;
  index: number;
  colour: number;
}

export type Box = CustomObject<BoxSpec, BoxStatus>;
export type Part = CustomObject<PartSpec, never>;

/** Boxes and the parts that their operator makes for them. */
export interface Kinds {
  readonly Box: CustomResource<BoxSpec, BoxStatus>;
  readonly Part: CustomResource<PartSpec, never>;
}

export const namespace = 'default';

/** The kinds of one operator: each has a group of its own, so that its caches are of whole kinds. */
export function kindsOf(operator: string): Kinds {
  const common = { group: `${operator}.soak.example.io`, version: 'v1', scope: 'Namespaced' } as const;
  return {
    Box: {
      ...common,
      kind: 'Box',
      plural: 'boxes',
      spec: z.object({ parts: z.int(), colour: z.int() }),
      status: z.object({ observedGeneration: z.int(), parts: z.int() }),
    },
    Part: {
      ...common,
      kind: 'Part',
      plural: 'parts',
      spec: z.object({ boxName: z.string(), index: z.int(), colour: z.int() }),
    },
  };
}
