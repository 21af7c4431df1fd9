/** Hears of translations by its port alone, and runs a loop when shared memory tells it to. */
import { useExchange } from "../../../../core/cluster/translation_exchange.ts";
import { hotLoop } from "./hot_loop.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage: (value: unknown) => void;
};

scope.onmessage = ({ data: { port, flag } }) => {
  useExchange(port);
  Atomics.wait(flag, 0, 0);
  scope.postMessage(hotLoop().translated);
};
