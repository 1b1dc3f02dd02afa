/** Byte sizes as used in object fields: plain integers below 2^53. */
export const kib = (count: number): number => count * 1024;
export const mib = (count: number): number => count * 1024 ** 2;
export const gib = (count: number): number => count * 1024 ** 3;
