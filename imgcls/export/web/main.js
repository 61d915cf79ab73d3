// The page: photos by file field, drop and camera, an answer for each.
import { Classifier } from "./classifier.js";
import { square } from "./pixels.js";
import { DamagedError } from "./wasm.js";

const TOP = 5; // classes that are shown
const WHY = "This does not look like the photos that it learned from, so do not trust the answer:";
const ALWAYS = "JPEG, PNG and WebP it always can.";
const facts = JSON.parse(find("facts").textContent);
const ready = Classifier.load(facts);

find("silence").remove();
ready.then(() => say("Ready."), giveUp);
find("files").addEventListener("change", chosen);
find("take").addEventListener("change", chosen);
for (const kind of ["dragenter", "dragover", "dragleave", "drop"])
  addEventListener(kind, (event) => {
    event.preventDefault();
    const inside = kind === "dragenter" || kind === "dragover";
    document.documentElement.classList.toggle("dropping", inside);
    if (kind === "drop") answerAll([...event.dataTransfer.files]);
  });
offerCamera();
if (document.querySelector("link[rel=manifest]") && navigator.serviceWorker)
  navigator.serviceWorker.register("sw.js");

function find(id) {
  return document.getElementById(id);
}

function say(text) {
  find("status").textContent = text;
}

function giveUp(error) {
  say(
    error instanceof DamagedError
      ? "This file is damaged: get it anew."
      : `This browser cannot run it (${error.message}). One of 2023 or later can.`,
  );
}

function element(name, className, ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}

function chosen({ target }) {
  answerAll([...target.files]);
  target.value = ""; // so that the same photo can be chosen again
}

/** Answer for files one after the other, in their order, above those of before. */
async function answerAll(files) {
  const places = files.map((file) => element("li", "", element("p", "file", file.name)));
  find("answers").prepend(...places);
  const classifier = await ready;
  const many = files.length > 1;
  for (const [number, file] of files.entries()) {
    say(many ? `File ${number + 1} of ${files.length} …` : "Looking …");
    const said = await answer(classifier, file, places[number]);
    say(many ? `${number + 1} of ${files.length} files looked at.` : said);
  }
}

/** Show the answer for a file, or why there is none, and return it in words. */
async function answer(classifier, file, place) {
  try {
    return spoken(await show(classifier, file, place));
  } catch (error) {
    const sentence = reason(file, error);
    place.prepend(element("p", "wrong", sentence));
    return sentence;
  }
}

async function show(classifier, file, place) {
  const started = performance.now();
  const image = await createImageBitmap(file);
  const answer = await classifier.ask(paint(place, file.name, image, await isJpeg(file)));
  image.close();
  const took = Math.round(performance.now() - started);
  place.querySelector("canvas").after(described(answer));
  place.querySelector(".file").append(` · ${took} ms`);
  return answer;
}

/** Show the square of an image that the network sees, and return it. */
function paint(place, name, image, jpeg) {
  const seen = square(image, facts.size, jpeg);
  const canvas = element("canvas", "");
  canvas.width = canvas.height = facts.size;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `The square of ${name} that the network sees`);
  canvas.getContext("2d", { willReadFrequently: true }).putImageData(seen, 0, 0);
  place.prepend(canvas);
  return seen;
}

function described({ known, classes }) {
  const answer = element("div", "answer", element("h2", "", spoken({ known: true, classes })));
  if (!known) {
    const sentence = ` ${WHY} it can only choose among its ${classes.length} classes.`;
    answer.append(element("p", "unknown", element("strong", "", "None of these?"), sentence));
  }
  answer.append(element("ol", "bars", ...classes.slice(0, TOP).map(bar)));
  return answer;
}

function bar({ name, probability }) {
  const share = element("data", "", chance(probability));
  share.value = probability;
  const line = element("div", "bar");
  line.style.backgroundSize = `${probability * 100}% 100%`;
  return element("li", "", element("span", "", name), share, line);
}

function spoken({ known, classes: [first] }) {
  return `${known ? "" : "None of these? "}${first.name}, ${chance(first.probability)}`;
}

/** Return a probability in words, no finer than is worth telling: see imgcls/_utils/formatting.py. */
function chance(probability) {
  const { step } = facts;
  const digits = step < 0.01 ? 1 : 0;
  const told = (share) => `${(share * 100).toFixed(digits)} %`;
  if (probability >= 1 - step / 2) return `over ${told(1 - step)}`;
  if (probability < step / 2) return `under ${told(step)}`;
  const nearest = Math.round(probability / step) * step;
  return digits ? told(nearest) : `about ${told(nearest)}`;
}

async function isJpeg(file) {
  const [one, two, three] = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  return one === 0xff && two === 0xd8 && three === 0xff;
}

function reason(file, error) {
  if (!(error instanceof DOMException)) throw error; // not the file's fault
  if (!file.size) return "The file is empty.";
  if (/\.hei[cf]$/i.test(file.name)) return `This browser does not read HEIC photos. ${ALWAYS}`;
  return `This browser cannot read it as a picture. ${ALWAYS}`;
}

function offerCamera() {
  if (!navigator.mediaDevices) {
    // Phones open the camera itself where they keep it from a page.
    find("take").hidden = !matchMedia("(pointer: coarse)").matches;
    return;
  }
  const video = document.querySelector("video");
  find("camera").hidden = false;
  find("camera").addEventListener("click", () => openCamera(video));
  find("close").addEventListener("click", () => closeCamera(video));
  find("keep").addEventListener("click", () => keep(video));
}

async function openCamera(video) {
  try {
    const wanted = { facingMode: "environment" };
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted });
    await video.play();
  } catch (error) {
    say(
      error.name === "NotAllowedError"
        ? "The browser may not use the camera: allow it beside the address, then try again."
        : `No camera can be used here (${error.name}).`,
    );
    return;
  }
  find("live").hidden = false;
  find("camera").hidden = true;
  find("keep").focus();
  say("The camera is on.");
  const classifier = await ready;
  while (video.srcObject) {
    const image = await createImageBitmap(video);
    const answer = await classifier.ask(square(image, facts.size, false));
    image.close();
    find("live").querySelector(".answer").replaceWith(described(answer));
    await new Promise(requestAnimationFrame);
  }
}

function closeCamera(video) {
  for (const track of video.srcObject.getTracks()) track.stop();
  video.srcObject = null;
  find("live").hidden = true;
  find("camera").hidden = false;
  find("camera").focus();
  say("The camera is off.");
}

/** Keep what the camera sees, as a file like any other. */
async function keep(video) {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d").drawImage(video, 0, 0);
  const time = new Date().toLocaleTimeString();
  answerAll([new File([await canvas.convertToBlob()], `Camera, ${time}`)]);
}
