import * as z from 'zod';
import { CommandError } from './errors.ts';

/** Tools quote numbers; below 2^53 they are exact. */
export const QuotedInteger = z.string().regex(/^\d+$/).transform(Number).pipe(z.int());

/**
 * Reads what a tool printed as JSON.
 * @throws CommandError `UNEXPECTED_OUTPUT` where it is no JSON or of another shape
 */
export function parseJson<T>(command: string, shape: z.ZodType<T>, stdout: string): T {
  try {
    return shape.parse(JSON.parse(stdout));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : stdout.slice(0, 200);
    throw new CommandError({ code: 'UNEXPECTED_OUTPUT', command, stderr: why, cause });
  }
}
