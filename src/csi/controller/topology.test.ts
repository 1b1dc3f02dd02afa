import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { TopologyRequirementSchema } from '../proto/csi_pb.js';
import { accessibleTopology, askedNodes } from './topology.ts';

const on = (node: string) => ({ segments: { 'topology.lvm.hwameistor.io/node': node } });

test('the nodes that are preferred come first, each once; none asked for is any', () => {
  const requirement = create(TopologyRequirementSchema, {
    requisite: [on('a'), on('b'), on('c')],
    preferred: [on('c'), on('a')],
  });
  expect(askedNodes(requirement)).toEqual(['c', 'a', 'b']);
  expect(askedNodes(undefined)).toEqual([]);
});

test('a topology that names no node is refused', () => {
  const requirement = create(TopologyRequirementSchema, { requisite: [{ segments: { zone: 'x' } }] });
  expect(() => askedNodes(requirement)).toThrow('{"zone":"x"} is asked for: volumes are placed by topology.lvm');
});

test('a volume can be used where its label is', () => {
  expect(accessibleTopology('pvc-1')).toEqual([{ segments: { 'volume.hwameistor.io/pvc-1': 'replica' } }]);
});
