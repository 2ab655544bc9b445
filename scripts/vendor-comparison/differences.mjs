import { isDeepStrictEqual } from 'node:util';

/**
 * All differences between two outputs, each with a stable name that explanations match: `function settings: handler`,
 * `routes`, `only svc: static file favicon.ico`.
 */
export function differences(ours, theirs) {
  return [
    ...fields('config.json: ', ours.config, theirs.config),
    ...names('function', Object.keys(ours.functions), Object.keys(theirs.functions)),
    ...functionSettings(ours.functions, theirs.functions),
    ...functionFiles(ours.functions, theirs.functions),
    ...names('prerendered page', Object.keys(ours.prerenders), Object.keys(theirs.prerenders)),
    ...inBoth(ours.prerenders, theirs.prerenders, (a, b) => fields('prerender settings: ', a, b)),
    ...names('static file', Object.keys(ours.static), Object.keys(theirs.static)),
    ...inBoth(ours.static, theirs.static, (a, b, path) =>
      a === b ? [] : [{ name: `content of static file ${path}`, ours: 'other bytes', theirs: 'other bytes' }],
    ),
  ];
}

function fields(prefix, ours, theirs) {
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  return keys
    .filter(key => !isDeepStrictEqual(ours[key], theirs[key]))
    .map(key => ({ name: `${prefix}${key}`, ours: ours[key], theirs: theirs[key] }));
}

function names(what, ours, theirs) {
  const [first, second] = [new Set(ours), new Set(theirs)];
  return [
    ...ours.filter(name => !second.has(name)).map(name => ({ name: `only svc: ${what} ${name}` })),
    ...theirs.filter(name => !first.has(name)).map(name => ({ name: `only vendor: ${what} ${name}` })),
  ];
}

function inBoth(ours, theirs, compare) {
  const seen = new Map();
  for (const key of Object.keys(ours).filter(key => key in theirs))
    for (const difference of compare(ours[key], theirs[key], key)) seen.set(difference.name, difference);
  return [...seen.values()];
}

function functionSettings(ours, theirs) {
  return inBoth(ours, theirs, (a, b) => fields('function settings: ', a.settings, b.settings));
}

function functionFiles(ours, theirs) {
  return inBoth(ours, theirs, (a, b) => names('function file', [...a.files], [...b.files]));
}
