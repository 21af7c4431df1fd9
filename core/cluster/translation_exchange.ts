/**
 * Workers that run the same program need not translate it each for itself: what one thread has
 * compiled is posted to the others. A Worker listens to shared memory alone, so it does not hear of
 * a message; it looks for one when it would otherwise have to compile.
 */
import { receiveMessageOnPort } from "node:worker_threads";
import { SHARED_TRANSLATIONS, type Translation } from "../machine/translations.ts";

/** The middle of it, in the thread that begins Workers. */
class TranslationExchange {
  private readonly ports = new Set<MessagePort>();

  constructor() {
    SHARED_TRANSLATIONS.onMade = (made) => this.tell(made);
  }

  /** A new Worker's end: it gets what there is, and what will be. */
  join(): { readonly port: MessagePort; readonly leave: () => void } {
    const { port1, port2 } = new MessageChannel();
    for (const known of SHARED_TRANSLATIONS.all()) port1.postMessage(known);
    this.ports.add(port1);
    port1.onmessage = ({ data }: MessageEvent<Translation>) => {
      SHARED_TRANSLATIONS.add(data);
      this.tell(data, port1);
    };
    return {
      port: port2,
      leave: () => {
        this.ports.delete(port1);
        port1.close();
      },
    };
  }

  private tell(made: Translation, but?: MessagePort): void {
    for (const port of this.ports) if (port !== but) port.postMessage(made);
  }
}

/** This thread's exchange. */
export const EXCHANGE = new TranslationExchange();

/** In a Worker: what it compiles is posted, and it looks for what others have. */
export function useExchange(port: MessagePort): void {
  type NodePort = Parameters<typeof receiveMessageOnPort>[0];
  SHARED_TRANSLATIONS.onMade = (made) => port.postMessage(made);
  SHARED_TRANSLATIONS.receive = () =>
    receiveMessageOnPort(port as unknown as NodePort)?.message as Translation | undefined;
}
