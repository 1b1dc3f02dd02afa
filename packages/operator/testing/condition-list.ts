import * as z from 'zod';

/** The schema of a status's conditions, merged by type. */
export const conditionList = () =>
  z
    .array(
      z.object({
        type: z.string(),
        status: z.enum(['True', 'False', 'Unknown']),
        reason: z.string(),
        message: z.string(),
        observedGeneration: z.int().exactOptional(),
        lastTransitionTime: z.string(),
      }),
    )
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });
