// Asks before something is done that cannot be undone.

const dialog = document.getElementById("confirm");
const part = (name) => document.getElementById(`confirm-${name}`);

/** True when the one who was asked said yes. */
export function confirmed({ title, text, yes }) {
  part("title").textContent = title;
  part("text").textContent = text;
  part("yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  );
}
