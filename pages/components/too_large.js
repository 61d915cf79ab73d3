// Names the files that a field for several files does not send. See too_large.py.
const FIELD = '[data-testid="stFileUploader"]';

export default function ({ data, parentElement }) {
  const notice = parentElement.querySelector(".too-large");

  function look(event) {
    const field = event.target.closest?.(FIELD)?.querySelector("input[type=file][multiple]");
    if (!field) return;
    const files = [...(event.dataTransfer?.files ?? event.target.files ?? [])];
    const large = files.filter((file) => file.size > data.limit);
    notice.replaceChildren(
      ...large.map((file) => {
        const line = document.createElement("p");
        const size = Math.ceil(file.size / 1e6).toLocaleString("en");
        line.textContent = `${file.name}: too large, and not sent. It has ${size} MB, at most ${data.limit / 1e6} MB are accepted.`;
        return line;
      }),
    );
  }
  // While the event comes down, before the field takes the files out of it.
  document.addEventListener("drop", look, true);
  document.addEventListener("change", look, true);
  notice.setAttribute("role", "alert"); // from now on it is one
  return () => {
    document.removeEventListener("drop", look, true);
    document.removeEventListener("change", look, true);
  };
}
