// Thumbnails to choose from, and what can be done with the chosen ones. See gallery.py.
const chosen = new WeakMap(); // survives being drawn again

function element(kind, properties, ...children) {
  const made = Object.assign(document.createElement(kind), properties);
  made.append(...children);
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gallery");
  const known = new Set(data.photos.map((photo) => photo.id));
  const picked = new Set([...(chosen.get(parentElement) ?? [])].filter((id) => known.has(id)));
  chosen.set(parentElement, picked);

  const bar = element("div", { className: "bar" });
  const count = element("span", { className: "count" });
  count.setAttribute("aria-live", "polite");

  function act(action, to) {
    const photos = [...picked];
    picked.clear();
    setTriggerValue("action", { action, to, photos });
  }

  function button(label, whenPressed) {
    const made = element("button", { type: "button", textContent: label });
    made.addEventListener("click", whenPressed);
    return made;
  }

  const move = element("select", {});
  move.setAttribute("aria-label", `Move the chosen photos of ${data.name} to`);
  move.append(element("option", { value: "", textContent: "Move to …" }));
  for (const name of data.others) move.append(element("option", { value: name, textContent: name }));
  move.addEventListener("change", () => move.value && act("move", move.value));
  bar.append(count);
  if (data.others.length) bar.append(move);
  for (const [kind, label] of data.actions) bar.append(button(label, () => act(kind, null)));
  bar.append(button("Choose none", () => {
    picked.clear();
    for (const photo of strip.children) photo.setAttribute("aria-pressed", "false");
    show();
  }));

  function show() {
    bar.hidden = picked.size === 0;
    count.textContent = `${picked.size} chosen`;
  }

  const strip = element("div", { className: "strip" });
  strip.setAttribute("role", "group");
  strip.setAttribute("aria-label", `Photos of ${data.name}`);
  for (const photo of data.photos) {
    const picture = element("img", { src: photo.source, alt: photo.name, loading: "lazy" });
    const made = element("button", { type: "button", title: photo.name }, picture);
    made.setAttribute("aria-pressed", String(picked.has(photo.id)));
    made.addEventListener("click", () => {
      if (!picked.delete(photo.id)) picked.add(photo.id);
      made.setAttribute("aria-pressed", String(picked.has(photo.id)));
      show();
    });
    strip.append(made);
  }
  // Where one has scrolled to stays when a photo is added.
  const before = root.querySelector(".strip")?.scrollTop ?? 0;
  root.replaceChildren(strip, bar);
  strip.scrollTop = before;
  show();
}
