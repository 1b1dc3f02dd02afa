/** What one process had in use after garbage was collected, twice in its life, under the same load. */
export interface Heap {
  readonly atOneFifthBytes: number;
  readonly atEndBytes: number;
}

const mostGrowth = 1.1;

/**
 * A process goes on compiling and loading what it needs for its first minute or so. Only where that is over after one
 * fifth of a run does growth tell of anything that is kept.
 */
const judgedFromMinutes = 5;

export const growthOf = ({ atOneFifthBytes, atEndBytes }: Heap): number => atEndBytes / atOneFifthBytes;

/** @returns a complaint if it grew in a run of so many minutes */
export function heapComplaints(heap: Heap, minutes: number): string[] {
  if (minutes < judgedFromMinutes || growthOf(heap) <= mostGrowth) return [];
  const { atOneFifthBytes, atEndBytes } = heap;
  return [`the heap grew from ${atOneFifthBytes} to ${atEndBytes} bytes, which is more than ${mostGrowth} times`];
}
