/** What the page does besides: it is complete without. */
export const SCRIPT = `"use strict";
(() => {
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
    if (target.tagName === "DETAILS") target.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", unfold);
  unfold();
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => act(made));
    return made;
  };
  const filter = document.querySelector(".filter");
  const all = (open) => () => {
    for (const one of document.querySelectorAll("details.cell")) one.open = open;
  };
  if (filter) filter.append(button("Unfold all cells", all(true)), button("Fold all cells", all(false)));
  for (const command of navigator.clipboard ? document.querySelectorAll(".command") : []) {
    command.parentElement.after(button("Copy", (made) => {
      navigator.clipboard.writeText(command.textContent).then(() => made.textContent = "Copied");
    }));
  }
})();
`;
