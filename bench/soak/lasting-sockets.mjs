const COUNT = 5;
const MILLISECONDS_BETWEEN_WORDS = 1000;

/**
 * WebSockets that stay open for the whole run and say something every second. What comes back wrong is added to `wrong`.
 *
 * @returns `{ rest(), closed }`: after `rest` nothing more is said, and the connections stay; `closed` resolves when the
 *   other end has closed them all.
 */
export async function lastingSockets(client, wrong) {
  const tokens = Array.from({ length: COUNT }, (_, number) => `lasting-${number}`);
  const sockets = await Promise.all(tokens.map(token => client.openSocket(`/api/socket/${token}`)));
  let word = 0;
  let answered = Promise.resolve();
  const timer = setInterval(() => {
    const text = `word ${word++}`;
    const answers = sockets.map(async (socket, number) => {
      const heard = await socket.say(text).catch(String);
      const wanted = `${tokens[number]}: ${text}`;
      if (heard !== wanted) wrong.push(`a WebSocket that stays open: expected ${wanted}, heard ${heard}`);
    });
    answered = Promise.all([answered, ...answers]);
  }, MILLISECONDS_BETWEEN_WORDS);
  return {
    rest: () => {
      clearInterval(timer);
      return answered;
    },
    closed: Promise.all(sockets.map(({ closed }) => closed)),
  };
}
