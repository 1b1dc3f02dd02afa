import { errorCodes, type RetryRule } from '../../src/node/errors.ts';

const retries: Record<RetryRule, string> = {
  backoff: 'tried again after a while, and after longer ones',
  wait: 'tried again when something was seen to have changed',
  'give-up': 'not tried again: the request itself must change',
};

/** `docs/errors.md`: the one table of codes that host tools refuse with. */
export const errorDocs = (): { path: string; content: string }[] => [
  {
    path: 'docs/errors.md',
    content: [
      '# What a node’s tools refuse, and what to do',
      '',
      'Generated from `src/node/errors.ts` by `npm run generate`. These codes stand as reasons in conditions and Events, with the',
      'words of the tool itself behind them.',
      '',
      '| code | meaning | then | hint |',
      '|---|---|---|---|',
      ...Object.entries(errorCodes).map(
        ([code, { meaning, retry, hint }]) => `| \`${code}\` | ${meaning} | ${retries[retry]} | ${hint} |`,
      ),
      '',
    ].join('\n'),
  },
];
