import { expect, it } from 'vitest';
import type { DevEvent, ServiceState } from '../src/events.ts';
import { Progress } from '../src/progress.ts';

it('is told when every service runs or has failed, and again when all run', () => {
  const told: DevEvent[] = [];
  const progress = new Progress(event => told.push(event));
  const look = (web: ServiceState, api: ServiceState, left: ServiceState = 'off') =>
    progress.look(Object.entries({ web, api, left }).map(([name, state]) => ({ name, state })));
  look('ready', 'preparing');
  expect(told).toEqual([]);
  look('ready', 'failed');
  look('waiting', 'failed');
  look('ready', 'failed');
  expect(told).toEqual([{ type: 'dev.settled', ready: ['web'], failed: ['api'] }]);
  look('ready', 'ready');
  look('ready', 'failed');
  look('ready', 'ready');
  expect(told.slice(1)).toEqual([{ type: 'dev.settled', ready: ['web', 'api'], failed: [] }]);
});
