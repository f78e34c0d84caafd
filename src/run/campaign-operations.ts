/** For the command line, which knows nothing of faults. */
export { OPERATIONS } from '../fault/points.ts';
