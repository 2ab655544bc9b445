import type { RunningDev } from '@svc/dev';
import type { Screen } from './screen.ts';

export interface Keys {
  /** Resolves when the user wants to end it. Never without a terminal. */
  readonly quit: Promise<void>;
  /** Gives the terminal back as it was. */
  close(): void;
}

const INTERRUPT = '\u0003';
const SUSPEND = '\u001a';

/** Listens to single keys, where there is a terminal to press them on. */
export function readKeys(dev: RunningDev, screen: Screen): Keys {
  const { stdin } = process;
  if (!screen.isInteractive || !stdin.isTTY)
    return { quit: new Promise(() => undefined), close: () => undefined };
  const setRaw = (isRaw: boolean) => {
    // A terminal that has been closed has no modes.
    if (!stdin.destroyed) stdin.setRawMode(isRaw);
  };
  let quit: () => void = () => undefined;
  const asked = new Promise<void>(resolve => {
    quit = resolve;
  });
  const press = (text: string) => {
    for (const key of text) {
      switch (key) {
        case 'h':
          screen.help();
          break;
        case 'r':
          dev.restart();
          break;
        case 's':
          screen.showServices(dev.services());
          break;
        case 'l':
          screen.toggleRequests();
          break;
        case 'q':
          quit();
          break;
        case INTERRUPT:
          process.kill(process.pid, 'SIGINT');
          break;
        case SUSPEND:
          setRaw(false);
          process.kill(process.pid, 'SIGTSTP');
          break;
        case '\r':
          screen.blank();
          break;
      }
    }
  };
  const back = () => setRaw(true);
  stdin.setEncoding('utf8').on('data', press);
  // The terminal is gone; the signal that comes with that ends svc.
  stdin.on('error', () => undefined);
  process.on('SIGCONT', back);
  const restore = () => setRaw(false);
  process.on('exit', restore);
  setRaw(true);
  stdin.resume();
  return {
    quit: asked,
    close: () => {
      process.removeListener('SIGCONT', back);
      process.removeListener('exit', restore);
      stdin.removeListener('data', press);
      restore();
      stdin.pause();
    },
  };
}
