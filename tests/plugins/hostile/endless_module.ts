/** A module that is never evaluated to its end. It sleeps meanwhile, for nobody can end a loop. */
const cell = new Int32Array(new SharedArrayBuffer(4));
for (;;) Atomics.wait(cell, 0, 0, 1000);
