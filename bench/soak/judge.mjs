const MEGABYTE = 1024 ** 2;

/** The part of a run, from its beginning, that caches need to fill and code to be compiled. */
const WARM_UP = 0.2;
/** Looks that a third of the rest must have for its lowest value to mean something. */
const FEWEST_LOOKS = 8;

/**
 * How far the lowest value of the last third may lie above that of the first. Memory goes up and down with garbage; only
 * what is never given back raises its lowest values, so these are compared. In a run of ten minutes at 150 requests a second,
 * 48,000 requests lie between the two: what is left after a collection may grow by less than 44 bytes a request, which no
 * forgotten object, listener or timer can do. The resident set also holds what the allocator keeps for later, so it has more
 * room; it shows leaks outside of the heap.
 */
const ROOM = { heap: 2 * MEGABYTE, resident: 16 * MEGABYTE };

/**
 * Says of each thing that a soak looks at whether it is as it should be.
 *
 * @param run
 *   samples: `[{ heap, resident, files, processes }]` in order, equally far apart; bytes, counts.
 *   counts: `{ right, lost, crashes, fewestCrashes, mostCrashes, left, leftInFunction, pages }`; see soak.mjs.
 *   wrong: descriptions of what was answered or logged and should not have been.
 *   before, after: `{ files, processes, temporary }` at rest, before and after the load.
 *   stopped: `{ code, survivors, temporary }` after SIGTERM.
 * @returns `[{ name, isGood, text }]`; `isGood` is null for what a run is too short to tell.
 */
export function judge({ samples, counts, wrong, before, after, stopped }) {
  return [
    answers(counts, wrong),
    crashes(counts),
    aborted(counts),
    pages(counts),
    memory(
      'memory in use after a collection',
      samples.map(({ heap }) => heap),
      ROOM.heap,
    ),
    memory(
      'resident memory',
      samples.map(({ resident }) => resident),
      ROOM.resident,
    ),
    atRest(
      'open files',
      before.files,
      after.files,
      samples.map(({ files }) => files),
    ),
    atRest(
      'processes',
      before.processes,
      after.processes,
      samples.map(({ processes }) => processes),
    ),
    atRest('temporary files', before.temporary, after.temporary),
    ending(stopped),
  ];
}

function answers({ right, lost }, wrong) {
  const [first] = wrong;
  const text = `${right} right, ${lost} lost to a crash and answered with 502, ${wrong.length} wrong`;
  return {
    name: 'answers',
    isGood: wrong.length === 0 && right > 0,
    text: first ? `${text}: ${first}` : text,
  };
}

function crashes({ crashes: seen, fewestCrashes, mostCrashes }) {
  return {
    name: 'crashes',
    isGood: mostCrashes < 2 ? null : seen >= Math.max(1, fewestCrashes) && seen <= mostCrashes,
    text: `${seen}, by the number of requests ${fewestCrashes} to ${mostCrashes}`,
  };
}

/** A client that leaves must end its request in the function. */
function aborted({ left, leftInFunction }) {
  return {
    name: 'clients that left',
    isGood: left === leftInFunction.left && left === leftInFunction.begun,
    text: `${left}, of which the function noticed ${leftInFunction.left}`,
  };
}

function pages({ pages: seen }) {
  return { name: 'pages made anew', isGood: seen > 1, text: `${seen} versions seen` };
}

function memory(name, values, room) {
  const warm = values.slice(Math.ceil(values.length * WARM_UP));
  const third = Math.floor(warm.length / 3);
  if (third < FEWEST_LOOKS) return { name, isGood: null, text: 'the run is too short to tell' };
  const first = Math.min(...warm.slice(0, third));
  const last = Math.min(...warm.slice(-third));
  const text = `lowest of the first third ${megabytes(first)}, of the last ${megabytes(last)} (room: ${megabytes(room)}), most ${megabytes(Math.max(...values))}`;
  return { name, isGood: last - first <= room, text };
}

function atRest(name, before, after, during = []) {
  const most = during.length > 0 ? `, at most ${Math.max(...during)} meanwhile` : '';
  return { name, isGood: after <= before, text: `${before} before, ${after} after${most}` };
}

function ending({ code, survivors, temporary }) {
  return {
    name: 'the end',
    isGood: code === 143 && survivors.length === 0 && temporary.length === 0,
    text: `exit code ${code}, processes left: ${listed(survivors)}, temporary files left: ${listed(temporary)}`,
  };
}

function listed(items) {
  return items.length === 0 ? 'none' : items.join(', ');
}

function megabytes(bytes) {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
