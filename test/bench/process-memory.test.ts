import { expect, test } from 'vitest';
import { parseProcessMemory } from './process-memory.ts';

/** From a Linux 6.1 in the lab, shortened. */
const status = `Name:\tMainThread
VmHWM:\t   91408 kB
VmRSS:\t   83836 kB
RssAnon:\t   31456 kB
RssFile:\t   52380 kB
Threads:\t11
`;
const rollup = `00400000-7fc0000000 ---p 00000000 00:00 0                                [rollup]
Rss:               83836 kB
Shared_Clean:      46964 kB
Shared_Dirty:       8356 kB
Private_Clean:      5376 kB
Private_Dirty:     23140 kB
`;

test('reads memory in MiB', () => {
  expect(parseProcessMemory(status, rollup)).toEqual({
    rssMiB: 81.9,
    peakRssMiB: 89.3,
    anonymousMiB: 30.7,
    privateMiB: 27.9,
  });
});

test('leaves private memory out where the kernel does not tell it', () => {
  expect(parseProcessMemory(status, '')).not.toHaveProperty('privateMiB');
});

test('names the field that a process without memory of its own does not have', () => {
  expect(() => parseProcessMemory('Name:\tkthreadd\n', '')).toThrow('VmRSS');
});
