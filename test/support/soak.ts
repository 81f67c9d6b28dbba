/** `npm run test:soak` sets it: the same cases, more often. */
export const SOAK = process.env['SOAK'] !== undefined;

/** How often a test repeats itself: `usual` times in `npm test`, `soaked` times in the soak. */
export const times = (usual: number, soaked: number): number => (SOAK ? soaked : usual);

/** Cases of a property: PROPERTY_RUNS where it is set. */
export const propertyRuns = (usual: number): number => Number(process.env['PROPERTY_RUNS'] ?? usual);
