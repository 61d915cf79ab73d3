// Tells of files that the field for files does not send. See too_large.py.
const FIELD = '[data-testid="stFileUploader"]';

export default function ({ data, setTriggerValue }) {
  function look(event) {
    if (!event.target.closest?.(FIELD)) return;
    const files = event.dataTransfer?.files ?? event.target.files ?? [];
    const large = [...files].filter((file) => file.size > data.limit);
    if (large.length) {
      setTriggerValue("files", large.map(({ name, size }) => ({ name, size })));
    }
  }
  // While the event comes down, before the field takes the files out of it.
  document.addEventListener("drop", look, true);
  document.addEventListener("change", look, true);
  return () => {
    document.removeEventListener("drop", look, true);
    document.removeEventListener("change", look, true);
  };
}
