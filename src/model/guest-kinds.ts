/** What happens to a guest, as host records and `guest` events say it. A kind is never renamed. */
export const GUEST_KINDS = [
  'boot',
  'ready',
  'panic',
  'reset',
  'restore',
  'hang',
  'exit',
  'module',
  'load',
  'fault',
  'note',
  // Why nothing is heard of it, when that is no hang.
  'frozen',
  'agent-dead',
  'slow',
  // What was kept of it before it was renewed.
  'dump',
  'last-words',
  'stacks',
  // Which detectors would still speak.
  'detectors',
  // A test that is set apart.
  'isolated',
] as const;
