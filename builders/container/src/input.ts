import type { JsonObject } from '@svc/contracts';

/** The engines that build images, in the order in which they are tried. */
export const ENGINE_NAMES = ['docker', 'buildah'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What the call of `svc build` says about images. */
export interface EngineChoice {
  /** Null to take the first that works. */
  readonly engine: EngineName | null;
  /** Where images are pushed, such as `ghcr.io/acme/shop`; null to keep them in the deployment. */
  readonly registry: string | null;
}

/** What the planner tells the tool that makes the image. Paths are POSIX, relative to the service's root. */
export type ImageInput = {
  readonly service: string;
  /** The service's root as the user would type it from the project's folder. */
  readonly root: string;
  readonly dockerfile: string;
  /** May lead out of the root: `../..`. */
  readonly context: string;
  /** Names of variables that become build arguments where the Dockerfile declares them. */
  readonly args: readonly string[];
  /** Names of variables that become secret mounts. */
  readonly secrets: readonly string[];
  /** Replaces the image's command; null to keep it. */
  readonly command: readonly string[] | null;
  /** The settings of `functions` that apply. */
  readonly settings: JsonObject;
  readonly engine: EngineName | null;
  readonly registry: string | null;
};
