import { createHash } from 'node:crypto';

const BYPASS_TOKEN = 'the-token-of-the-soak-0123456789';
const SHELVES = 8;

/** How often each kind of request comes in a hundred. */
const SHARES = {
  crash: 30,
  function: 25,
  file: 20,
  binding: 10,
  stream: 5,
  upload: 4,
  page: 3,
  abort: 2,
  socket: 1,
};

/**
 * The requests of a soak, each with what its answer has to be. A kind gets a client and a token that no other request has,
 * and resolves with what was wrong, or undefined.
 *
 * @param files the texts of the static files, path -> content.
 */
export function traffic(files) {
  /** Requests to the function that crashes which were answered with 502. */
  const lost = [];
  /** Answers that were left in the middle. */
  let left = 0;
  const pages = newestPages();
  const kinds = {
    function: async (client, token) => {
      const path = `/api/echo/${token}`;
      return differs(await client.ask(path), JSON.stringify({ token, url: path }));
    },
    binding: async (client, token) => {
      const stock = { token, left: token.length };
      return differs(await client.ask(`/api/ask/${token}`), JSON.stringify({ token, status: 200, stock }));
    },
    stream: async (client, token) => {
      const wanted = Array.from({ length: 20 }, (_, piece) => `${token} ${piece}\n`).join('');
      return differs(await client.ask(`/api/stream/${token}`), wanted);
    },
    upload: async (client, token) => {
      const body = Buffer.alloc(64 * 1024, token);
      const sha256 = createHash('sha256').update(body).digest('hex');
      const answer = await client.ask(`/api/upload/${token}`, { method: 'POST', body });
      return differs(answer, JSON.stringify({ token, sha256 }));
    },
    file: async (client, token) => {
      const entries = [...files];
      const [path, text] = entries[numberOf(token) % entries.length];
      // Every tenth comes over a connection of its own, every third asks for a part.
      const fresh = numberOf(token) % 10 === 0;
      if (numberOf(token) % 3 > 0) return differs(await client.ask(path, { fresh }), text);
      const part = await client.ask(path, { fresh, headers: { range: 'bytes=10-59' } });
      return differs(part, text.slice(10, 60), 206);
    },
    page: async (client, token) => {
      const shelf = String(numberOf(token) % SHELVES);
      const isOnDemand = numberOf(token) % 5 === 0;
      const known = pages.get(shelf) ?? 0;
      const headers = isOnDemand ? { 'x-prerender-revalidate': BYPASS_TOKEN } : {};
      const answer = await client.ask(`/pages/shelf?shelf=${shelf}`, { headers });
      const page = parsed(answer);
      if (page?.shelf !== shelf) return described(answer, `the page of shelf ${shelf}`);
      if (page.made < known) return described(answer, `page ${known} or a newer one`);
      if (isOnDemand && page.at < answer.began) return described(answer, `a page made after ${answer.began}`);
      pages.add(shelf, page.made);
    },
    abort: async (client, token) => {
      const begun = await client.leave(`/api/endless/${token}`);
      left++;
      if (begun !== `${token} begun\n`) return `expected the beginning of an endless answer, got ${begun}`;
    },
    socket: async (client, token) => {
      const socket = await client.openSocket(`/api/socket/${token}`);
      for (const text of ['one', 'two', 'three']) {
        const heard = await socket.say(text);
        if (heard !== `${token}: ${text}`) return `expected ${token}: ${text}, heard ${heard}`;
      }
      await socket.close();
    },
    crash: async (client, token) => {
      const answer = await client.ask(`/crash/${token}`);
      const wrong = differs(answer, `survived ${token}\n`);
      if (wrong === undefined) return undefined;
      const id = answer.headers?.['x-vercel-id'];
      const isProblem =
        answer.status === 502 && id !== undefined && answer.body.toString().includes(`id: ${id}`);
      if (!isProblem) return wrong;
      lost.push({ token, id, began: answer.began, ended: answer.ended });
    },
  };
  return {
    kinds,
    lost,
    left: () => left,
    /** Versions of pages that were seen. */
    pages: () => pages.count(),
  };
}

/** An endless row of kinds by their shares, mixed and yet the same each time. */
export function* mixed(shares = SHARES) {
  const all = Object.entries(shares).flatMap(([kind, share]) => Array(share).fill(kind));
  // A step that shares no factor with the number of kinds visits all of them, far from each other.
  for (let at = 0; ; at = (at + 37) % all.length) yield all[at];
}

function newestPages() {
  const newest = new Map();
  const seen = new Set();
  return {
    get: shelf => newest.get(shelf),
    add: (shelf, made) => {
      newest.set(shelf, Math.max(made, newest.get(shelf) ?? 0));
      seen.add(made);
    },
    count: () => seen.size,
  };
}

function numberOf(token) {
  return Number(token.split('-').at(-1));
}

function parsed({ status, body }) {
  if (status !== 200) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function differs(answer, wanted, status = 200) {
  const isRight = answer.status === status && answer.isComplete && answer.body.toString('latin1') === wanted;
  return isRight ? undefined : described(answer, `${status} and ${wanted}`);
}

function described({ error, status, headers, body, isComplete }, wanted) {
  const got = error
    ? String(error)
    : `${status}${isComplete ? '' : ', broken off'} (${headers['x-vercel-id'] ?? 'no id'}) and ${body}`;
  return `expected ${shortened(wanted)}, got ${shortened(got)}`;
}

function shortened(text) {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
