import { LineSplitter } from '../base/lines.ts';
import type { FaultTarget } from '../fault/target.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { GUEST_PATHS } from './prepare.ts';

/** A guest under test as the drivers of faults see it. */
export function createFaultTarget(under: GuestUnderTest): FaultTarget {
  const { guest, module } = under;
  return {
    guest,
    mountPoint: GUEST_PATHS.mount,
    module: module.name,
    ...(module.device !== undefined && { device: module.device }),
    load: () => under.loadGroup,
    log(listener) {
      const lines = new LineSplitter();
      return guest.onData((stream, bytes) => {
        if (stream === 'console') lines.push(bytes, ({ text }) => listener(text));
      });
    },
  };
}
