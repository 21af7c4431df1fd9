/** Whether a page is valid HTML. */
import { HtmlValidate } from "html-validate";

/** Rules of the validator that this page breaks on purpose. */
const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    // Long files are written without line ends; tags of SVG close themselves.
    "long-title": "off",
    "no-inline-style": "off",
    "svg-focusable": "off",
    "no-self-closing": "off",
    "void-style": "off",
    // Checked by the browser's test, where contents are known.
    "require-sri": "off",
  },
});

/** What a validator finds in a page. */
export async function problemsOf(page: string): Promise<readonly string[]> {
  const { results } = await validator.validateString(page);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`)
  );
}
