import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  type VolumeCapability,
  VolumeCapability_AccessMode_Mode as Mode,
  VolumeCapabilitySchema,
} from '../proto/csi_pb.js';
import { contentOf } from './capabilities.ts';

const mount = (mode: Mode, fsType = ''): VolumeCapability =>
  create(VolumeCapabilitySchema, { accessMode: { mode }, accessType: { case: 'mount', value: { fsType } } });
const block = (mode: Mode): VolumeCapability =>
  create(VolumeCapabilitySchema, { accessMode: { mode }, accessType: { case: 'block', value: {} } });

test('a volume holds the file system that is asked for, ext4 where none is, or blocks', () => {
  expect(contentOf([mount(Mode.SINGLE_NODE_WRITER)])).toBe('ext4');
  expect(contentOf([mount(Mode.SINGLE_NODE_SINGLE_WRITER, 'xfs')])).toBe('xfs');
  expect(contentOf([block(Mode.SINGLE_NODE_MULTI_WRITER), block(Mode.SINGLE_NODE_READER_ONLY)])).toBe('block');
});

test.each([
  ['no use at all', [], 'says not how'],
  [
    'ReadWriteMany',
    [mount(Mode.MULTI_NODE_MULTI_WRITER)],
    'access mode ReadWriteMany is not possible: the volume is on',
  ],
  ['ReadOnlyMany', [mount(Mode.MULTI_NODE_READER_ONLY)], 'access mode ReadOnlyMany is not possible'],
  ['one of two', [mount(Mode.SINGLE_NODE_WRITER), mount(Mode.MULTI_NODE_SINGLE_WRITER)], 'ReadWriteMany'],
  ['no mode', [mount(Mode.UNKNOWN)], 'access mode UNKNOWN is not known'],
  [
    'no type',
    [create(VolumeCapabilitySchema, { accessMode: { mode: Mode.SINGLE_NODE_WRITER } })],
    'neither a file system nor a block',
  ],
  ['another file system', [mount(Mode.SINGLE_NODE_WRITER, 'btrfs')], 'file system btrfs is not supported'],
  ['two contents', [mount(Mode.SINGLE_NODE_WRITER), block(Mode.SINGLE_NODE_WRITER)], 'to hold ext4 and block at once'],
])('%s is refused in words for who wrote the claim', (_what, capabilities, words) => {
  expect(() => contentOf(capabilities)).toThrow(words);
});
