import description from '../../package.json' with { type: 'json' };

/** Of the product. */
export const { version } = description;
