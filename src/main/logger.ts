import { pino } from 'pino';

/** JSON lines on standard output. Tokens and keys are never among the fields, and are cut out should one slip in. */
export const createLogger = (role: string, level: string) =>
  pino({
    level,
    base: { role },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['token', '*.token', 'secret', '*.secret', 'drbdKey', '*.drbdKey'], censor: '[redacted]' },
  });
