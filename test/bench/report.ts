import { availableParallelism, loadavg } from 'node:os';

/** Tells progress to a person. */
export type Say = (line: string) => void;

/** What the numbers were measured on. */
export interface Machine {
  readonly cpus: number;
  /** Runnable threads in the last minute; above the number of CPUs others took part, and times say little. */
  readonly loadAverage: number;
}

export const machine = (): Machine => ({ cpus: availableParallelism(), loadAverage: loadavg()[0] ?? 0 });

/** Lines up rows of cells in columns, the first to the left and the others to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
