// Asks before something is done that cannot be undone.

const dialog = document.getElementById("confirm");
const part = (name) => document.getElementById(`confirm-${name}`);

let answer = () => {};

dialog.addEventListener("close", () => dialog.open || answer(dialog.returnValue === "yes")); // told late: it may be open again

/** True when the one who was asked said yes. */
export function confirmed({ title, text, yes }) {
  part("title").textContent = title;
  part("text").textContent = text;
  part("yes").textContent = yes;
  answer(false);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => (answer = resolve));
}
