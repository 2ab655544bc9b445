import type { Builder } from '@svc/builder-kit';
import { developStatic } from './develop.ts';
import { finishStatic } from './finish.ts';
import { planStatic } from './plan.ts';

/** Services that are files: plain folders, what a build leaves, and Build Output that a framework writes itself. */
export const staticBuilder: Builder = {
  name: 'static',
  version: '1',
  runtimes: ['static'],
  tools: {},
  plan: planStatic,
  finish: finishStatic,
  develop: developStatic,
};
