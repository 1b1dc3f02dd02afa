import type { CustomObject, CustomResource } from '@dot-kube/operator';
import { z } from 'zod';

export interface BoxSpec {
  node: string;
  size?: number;
  tags?: string[];
}

export interface BoxStatus {
  state?: string;
  pools?: Record<string, { free?: number; used?: number }>;
  conditions?: { type: string; status: string; reason?: string }[];
}

export type Box = CustomObject<BoxSpec, BoxStatus>;

const status = z.object({
  state: z.string().optional(),
  pools: z.record(z.string(), z.object({ free: z.int().optional(), used: z.int().optional() })).optional(),
  conditions: z
    .array(z.object({ type: z.string(), status: z.string(), reason: z.string().optional() }))
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .optional(),
});

/** A kind with each thing that the contract of API servers looks at. */
export const Box = {
  group: 'contract.example.io',
  version: 'v1',
  kind: 'Box',
  plural: 'boxes',
  scope: 'Cluster',
  spec: z.object({
    node: z.string().min(1).max(20),
    size: z.int().min(0).default(4),
    tags: z.array(z.string()).max(3).optional(),
  }),
  status,
  selectableFields: ['.spec.node'],
} as unknown as CustomResource<BoxSpec, BoxStatus>;

export const box = (name: string, wanted: BoxSpec = { node: 'node1' }, metadata: object = {}): Box => ({
  metadata: { name, ...metadata },
  spec: wanted,
});
