/** A module that waits for what never happens. */
await new Promise(() => setInterval(() => {}, 1000));
