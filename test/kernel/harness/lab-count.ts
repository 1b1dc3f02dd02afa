/** A lab waits for its disks most of the time, so two share two cores well; more would slow each other down. */
export const labCount = 2;
