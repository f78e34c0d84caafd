/** Network of a guest of ours: none; a card that leads nowhere; one that reaches what this machine reaches. */
export const NETWORK_KINDS = ['none', 'restricted', 'user'] as const;
export type NetworkKind = (typeof NETWORK_KINDS)[number];
