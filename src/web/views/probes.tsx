import type { Digest } from '../../model/dashboard.ts';
import { Waiting } from '../parts/failed.tsx';
import { Probes } from '../parts/probes.tsx';
import { encode } from '../route.ts';
import { useData } from '../use-data.ts';

export function ProbesView({ recording, live }: { readonly recording: string; readonly live: boolean }) {
  const { value, error } = useData<Digest>(`/api/recordings/${encode(recording)}`, live ? 2000 : 0);
  return value === undefined ? <Waiting error={error} /> : <Probes probes={value.probes} />;
}
