/** So many things are named before the rest is counted. */
const named = 8;

/** Things in a sentence, the rest of a long list as a number. */
export const listed = (things: readonly string[]): string =>
  things.length <= named ? things.join(', ') : `${things.slice(0, named).join(', ')} and ${things.length - named} more`;
