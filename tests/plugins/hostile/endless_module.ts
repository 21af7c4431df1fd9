/** A module that is never evaluated to its end. */
// deno-lint-ignore no-empty
for (;;) {}
