/** A Worker that sends back through a pipe what came through it, until it is told to stop. */
import { Pipe, Stopped } from "../../../../core/cluster/pipe.ts";

addEventListener("message", (event) => {
  const { data } = event as MessageEvent<SharedArrayBuffer>;
  const pipe = new Pipe(data, "answering");
  try {
    for (;;) pipe.write(pipe.read());
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
  self.close();
});
