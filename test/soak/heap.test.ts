import { expect, test } from 'vitest';
import { heapComplaints } from './heap.ts';

const grown = { atOneFifthBytes: 1000, atEndBytes: 1101 };

test('a heap that grew by more than a tenth is complained of, in a run that is long enough to tell', () => {
  expect(heapComplaints(grown, 5)).toEqual(['the heap grew from 1000 to 1101 bytes, which is more than 1.1 times']);
  expect(heapComplaints({ ...grown, atEndBytes: 1100 }, 5)).toEqual([]);
  expect(heapComplaints(grown, 4)).toEqual([]);
});
