export { GENERATED_FOLDERS } from './generated.ts';
export { type KnownListing, knownSources } from './known-sources.ts';
export { byteOrder, sortedByBytes } from './paths.ts';
export { openSources, type Sources } from './sources.ts';
export { listingWitnesses } from './witnesses.ts';
