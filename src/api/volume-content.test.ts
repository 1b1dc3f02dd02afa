import { expect, test } from 'vitest';
import { contentOf, contentTags, volumeContents } from './volume-content.ts';

test.each(volumeContents)('%s is read as it was written', (content) => {
  expect(contentOf(contentTags(content))).toBe(content);
});

test('a volume is blank only where it says so, and no more once it was formatted', () => {
  expect(contentOf({})).toBe('unknown');
  expect(contentOf({ blank: true, formatting: 'ext4' })).toBe('blank');
  expect(contentOf({ blank: true, formatted: 'ext4' })).toBe('ext4');
  expect(contentOf({ blank: true, formatted: 'btrfs' })).toBe('unknown');
});
