/** What a script of the tests exits with when it could not look at anything; `.ci/check` has the same. */
export const SKIPPED = 77;
