import type { Json } from './json.ts';
import type { Binding } from './project.ts';

/** `deployment.json`: what svc knows of a deployment and no Build Output reader needs. Schema: `deployment.schema.json`. */
export interface DeploymentManifest {
  readonly version: 1;
  /** `sha256:` digest of the manifest's own text without this line, so that no part of it can change unnoticed. */
  readonly self: string;
  /** `dpl_` and 32 hex digits that follow from `tree` alone: the same content has the same id everywhere. */
  readonly id: string;
  /** `sha256:` digest of the list of `files`; says nothing of this manifest itself, which also holds times. */
  readonly tree: string;
  /** Every file and link of the deployment but `deployment.json`, by path, sorted by bytes. */
  readonly files: Readonly<Record<string, FileEntry>>;
  readonly services: readonly DeployedService[];
  /** Names and versions of what built it: svc, node, builders. */
  readonly tools: Readonly<Record<string, string>>;
  /** Milliseconds. The only part that differs between two builds of the same sources. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Modes are normalised to 644 and 755; links are relative and stay inside. */
export type FileEntry =
  | { readonly sha256: string; readonly size: number; readonly executable?: true }
  | { readonly link: string };

export interface DeployedService {
  readonly name: string;
  readonly bindings: readonly Binding[];
  readonly [key: string]: Json | readonly Binding[];
}

export interface Deployment {
  /** Absolute path of the deployment directory. */
  readonly directory: string;
  readonly manifest: DeploymentManifest;
}
