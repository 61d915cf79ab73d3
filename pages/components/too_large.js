// Tells of files that the field for files does not send. See too_large.py.
const FIELD = '[data-testid="stFileUploader"]';
const PATIENCE = 250; // milliseconds between two looks

export default function ({ data, setTriggerValue }) {
  // A run of the page that begins while the field asks where to send a file takes the answer away
  // (Streamlit clears its queue), and the file would never be sent. So the others go first: when
  // they have been taken, the page replaces the field; and when it stands still, it listens.
  function tellAfter(field, files) {
    const timer = setInterval(() => {
      const app = document.querySelector('[data-testid="stApp"]');
      if (field.isConnected || app?.dataset.testScriptState !== "notRunning") return;
      clearInterval(timer);
      setTriggerValue("files", files);
    }, PATIENCE);
  }

  function look(event) {
    const field = event.target.closest?.(FIELD);
    if (!field) return;
    const files = [...(event.dataTransfer?.files ?? event.target.files ?? [])];
    const large = files.filter((file) => file.size > data.limit);
    const told = large.map(({ name, size }) => ({ name, size }));
    if (!large.length) return;
    if (large.length < files.length) tellAfter(field, told);
    else setTriggerValue("files", told);
  }
  // While the event comes down, before the field takes the files out of it.
  document.addEventListener("drop", look, true);
  document.addEventListener("change", look, true);
  return () => {
    document.removeEventListener("drop", look, true);
    document.removeEventListener("change", look, true);
  };
}
